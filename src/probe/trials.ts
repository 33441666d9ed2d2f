// Single decisions as CSV in the form of bethgelab/model-vs-human and rgeirhos/texture-vs-shape: one row per
// image, for networks and people alike.

import { InputError } from '../errors/input-error.ts'
import type { ShapeBias } from './shape-bias.ts'

const header = 'subj,session,trial,rt,object_response,category,condition,imagename'
const columns = header.split(',')
// 0001_s5n_dnn_0_airplane_00_airplane1-bicycle2.png, or the last part alone.
const stimulus = /(?:^|[_/])([^_/]+?)\d*-([^_/]+?)\d*\.[^.]+$/

/** Decisions that are no class of the data, as people's missing answers are written. */
const none = 'na'

/** Path below a folder of results at which model-vs-human looks for a model's trials on a data set. */
export function trialsPath(dataset: string, model: string): string {
  return `raw-data/${dataset}/${dataset}_${model.replaceAll('_', '-')}_session-1.csv`
}

/** The decisions of a shape-bias measurement as CSV. */
export function writeTrials(
  { perImage, classes }: Pick<ShapeBias, 'perImage' | 'classes'>,
  model: string,
): string {
  const subject = model.replaceAll('_', '-')
  const rows = perImage.names.map((name, i) => {
    const response = classes[perImage.decisions[i]!] ?? none
    const image = name.slice(name.lastIndexOf('/') + 1)
    return [subject, 1, i + 1, 'NaN', response, classes[perImage.shapes[i]!]!, 0, image].join()
  })
  return `${header}\n${rows.join('\n')}\n`
}

/**
 * Reads such a CSV. Images whose cues agree are left out.
 * @param classes of the data; another answer counts as none
 * @param what how errors call the file
 * @throws InputError when columns are missing or a row does not name a cue-conflict image of these classes
 */
export function readTrials(csv: string, classes: readonly string[], what = 'trials'): ShapeBias['perImage'] {
  const [first = '', ...lines] = csv.split(/\r?\n/).filter(line => line !== '')
  const names = first.split(',').map(name => name.replaceAll('"', ''))
  const missing = columns.filter(name => !names.includes(name))
  if (missing.length > 0) {
    throw new InputError(`${what} lacks the columns ${missing.join(', ')}; expected ${header}`)
  }
  const [responseAt, imageAt] = [names.indexOf('object_response'), names.indexOf('imagename')]
  const out: ShapeBias['perImage'] = { names: [], shapes: [], textures: [], decisions: [] }
  for (const [i, line] of lines.entries()) {
    const cells = line.split(',').map(cell => cell.replaceAll('"', ''))
    const image = cells[imageAt] ?? ''
    const [, shapeName = '', textureName = ''] = stimulus.exec(image) ?? []
    const [shape, texture] = [classes.indexOf(shapeName), classes.indexOf(textureName)]
    if (cells.length !== names.length || shape < 0 || texture < 0) {
      throw new InputError(
        `row ${i + 2} of ${what} does not name a cue-conflict image such as cat1-bird3.png: ${line}`,
      )
    }
    if (shape === texture) continue
    out.names.push(image)
    out.shapes.push(shape)
    out.textures.push(texture)
    out.decisions.push(classes.indexOf(cells[responseAt]!))
  }
  return out
}
