// What ONNX Runtime makes of a graph while it loads it. It tells by writing a model file.

import { rmSync } from 'node:fs'
import { mkdtemp, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as ort from 'onnxruntime-node'
import type { Graph } from '../onnx/graph.ts'
import { parseOnnx } from '../onnx/parse.ts'
import { writeOnnx } from '../onnx/write.ts'
import type { Prepared } from './ort.ts'

/**
 * The graph as optimised for this machine. It holds operators that only ONNX Runtime has.
 * @throws Error when ONNX Runtime refuses the graph, the graph exceeds 2 GiB, or no temporary file can be written
 */
export async function optimised({ graph, types }: Prepared): Promise<Graph> {
  const folder = await mkdtemp(join(tmpdir(), 'silhouette-'))
  const remove = () => rmSync(folder, { recursive: true, force: true })
  // Whoever is interrupted exits without coming back here.
  process.once('exit', remove)
  try {
    const path = join(folder, 'optimised.onnx')
    const options = { optimizedModelFilePath: path, intraOpNumThreads: 1, logSeverityLevel: 4 as const }
    const session = await ort.InferenceSession.create(writeOnnx(graph, types ? { types } : {}), options)
    await session.release()
    return parseOnnx(await readFile(path))
  } finally {
    process.off('exit', remove)
    remove()
  }
}
