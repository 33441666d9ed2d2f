// Which few units together carry a cue? Switches off one unit after the other, always the one whose loss breaks
// most of what is still decided by that cue.

import { z } from 'zod'
import { layerOf } from '../../classifier/ablate.ts'
import type { CueConflictDataset } from '../../data/dataset.ts'
import { batchSizeFor } from '../batch-size.ts'
import { deciderFor } from '../decide.ts'
import { picked } from '../picked.ts'
import type { Probe } from '../probe.ts'
import { Estimate, wilson } from '../statistics.ts'
import { type AblationMode, ablate } from './ablate.ts'
import { hits } from './uses.ts'

const State = z.object({
  /** Cue-conflict images decided by shape and by texture. */
  shape: z.int(),
  texture: z.int(),
  /** Share of all images decided by the cue in question. */
  share: Estimate,
})

export const GreedyAblation = z.object({
  layer: z.string(),
  cue: z.enum(['shape', 'texture']),
  images: z.int(),
  intact: State,
  /** In the order in which they were switched off; each with what is left once it and all before it are off. */
  steps: z.array(State.extend({ channel: z.int() })),
})
export type GreedyAblation = z.infer<typeof GreedyAblation>

export interface GreedyAblationOptions {
  readonly cueConflict: CueConflictDataset
  readonly layer: string
  readonly cue: 'shape' | 'texture'
  /** Units to switch off at most. Default 8. It ends earlier when nothing is decided by the cue. */
  readonly steps?: number
  /** Only so many units are tried after the first step: those whose loss alone broke most. Default 32. */
  readonly candidates?: number
  readonly mode?: AblationMode
  /** Use so many images. Default 320. */
  readonly limit?: number
}

/** The probe. Its run throws InputError for an unknown layer or classes that do not fit. */
export function greedyAblation(options: GreedyAblationOptions): Probe<GreedyAblation> {
  const { cueConflict, layer, cue, steps = 8, candidates = 32, mode = 'zero', limit = 320 } = options
  return {
    name: 'greedy-ablation',
    version: 1,
    options: { layer, cue, steps, candidates, mode, limit },
    data: [cueConflict],
    schema: GreedyAblation,
    async run({ model, progress, signal }) {
      const { decide } = deciderFor(model, cueConflict.classes)
      const { units } = layerOf(model.layers, layer)
      const task = progress.start(
        `greedy ablation of ${model.name} ${layer}`,
        Math.min(steps, units),
        'units',
      )
      const [labels, textures]: [number[], number[]] = [[], []]

      /** Decisions by shape and texture, of the intact network and without each of `sets`. */
      const count = async (sets: readonly (readonly number[])[]) => {
        labels.length = textures.length = 0
        const intact: number[] = []
        const ablated = sets.map((): number[] => [])
        for await (const { images, rows, places } of picked(cueConflict, limit, batchSizeFor(model))) {
          signal?.throwIfAborted()
          const result = await ablate(model, images, { layer, ablations: sets, mode }, decide)
          labels.push(...rows.map(({ batch, row }) => batch.labels[row]!))
          textures.push(...places.map(place => cueConflict.textures[place]!))
          intact.push(...result.intact)
          for (const [i, decisions] of result.ablated.entries()) ablated[i]!.push(...decisions)
        }
        const found = (decisions: readonly number[]) => {
          const { shape, texture } = hits(decisions, labels, textures)
          return { shape, texture, share: wilson({ shape, texture }[cue], labels.length) }
        }
        return { intact: found(intact), ablated: ablated.map(found) }
      }

      let open = Array.from({ length: units }, (_, channel) => channel)
      const off: number[] = []
      const answer: GreedyAblation['steps'] = []
      let before: z.infer<typeof State> | undefined
      while (off.length < Math.min(steps, units)) {
        const { intact, ablated } = await count(open.map(channel => [...off, channel]))
        before ??= intact
        // Fewest decisions by the cue left, then most by the other, then the first.
        const other = cue === 'shape' ? 'texture' : 'shape'
        const order = [...open.keys()].sort(
          (a, b) => ablated[a]![cue] - ablated[b]![cue] || ablated[b]![other] - ablated[a]![other] || a - b,
        )
        const [best = 0] = order
        answer.push({ channel: open[best]!, ...ablated[best]! })
        off.push(open[best]!)
        task.advance()
        const kept = off.length === 1 ? order.slice(1, candidates + 1) : order.slice(1)
        open = kept.map(i => open[i]!).sort((a, b) => a - b)
        if (ablated[best]![cue] === 0 || open.length === 0) break
      }
      task.end()
      return { layer, cue, images: labels.length, intact: before!, steps: answer }
    },
  }
}
