// The decisions behind a shape bias as trials in the CSV form of bethgelab/model-vs-human and
// rgeirhos/texture-vs-shape: one row per image, for networks and people alike.

import {
  cuesOfName,
  NO_RESPONSE,
  readTrials as readRows,
  type Trial,
  writeTrials as writeRows,
} from '../data/trials.ts'
import { InputError } from '../errors/input-error.ts'
import type { Accuracy } from './accuracy.ts'
import type { ShapeBias } from './shape-bias.ts'

export { trialsPath, writeTrials as writeTrialRows } from '../data/trials.ts'

/**
 * The decisions on stimuli as trials, numbered within each session.
 * @param stimuli what their layout says of each, in the order of the decisions
 */
export function stimulusTrials(
  { perImage, classes }: Pick<Accuracy, 'perImage' | 'classes'>,
  stimuli: { readonly sessions: ArrayLike<number>; readonly conditions: readonly string[] },
  model: string,
): Trial[] {
  const shown = new Map<number, number>()
  return perImage.names.map((name, i) => {
    const session = stimuli.sessions[i]!
    const trial = (shown.get(session) ?? 0) + 1
    shown.set(session, trial)
    return {
      subject: model,
      session,
      trial,
      reactionTime: Number.NaN,
      response: classes[perImage.decisions[i]!] ?? NO_RESPONSE,
      category: classes[perImage.labels[i]!]!,
      condition: stimuli.conditions[i]!,
      image: name.slice(name.lastIndexOf('/') + 1),
    }
  })
}

/** The decisions of a shape-bias measurement as CSV. */
export function writeTrials(
  { perImage, classes }: Pick<ShapeBias, 'perImage' | 'classes'>,
  model: string,
): string {
  return writeRows(
    perImage.names.map((name, i) => ({
      subject: model,
      session: 1,
      trial: i + 1,
      reactionTime: Number.NaN,
      response: classes[perImage.decisions[i]!] ?? NO_RESPONSE,
      category: classes[perImage.shapes[i]!]!,
      condition: '0',
      image: name.slice(name.lastIndexOf('/') + 1),
    })),
  )
}

/**
 * Reads such a CSV. Images whose cues agree are left out.
 * @param classes of the data; another answer counts as none
 * @param what how errors call the file
 * @throws InputError when columns are missing or a row does not name a cue-conflict image of these classes
 */
export function readTrials(csv: string, classes: readonly string[], what = 'trials'): ShapeBias['perImage'] {
  const out: ShapeBias['perImage'] = { names: [], shapes: [], textures: [], decisions: [] }
  for (const [i, { image, response }] of readRows(csv, what).entries()) {
    const cues = cuesOfName(image)
    const [shape, texture] = [classes.indexOf(cues?.shape ?? ''), classes.indexOf(cues?.texture ?? '')]
    if (shape < 0 || texture < 0) {
      throw new InputError(
        `row ${i + 2} of ${what} does not name a cue-conflict image such as cat1-bird3.png: ${image}`,
      )
    }
    if (shape === texture) continue
    out.names.push(image)
    out.shapes.push(shape)
    out.textures.push(texture)
    out.decisions.push(classes.indexOf(response))
  }
  return out
}
