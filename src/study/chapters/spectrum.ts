// Smoothness seen in frequencies: how much of the energy of kernels and maps is fine detail, and at which
// frequencies images can be disturbed. The paper makes no claim about it, so that it decides none; it is measured on
// the first pair of networks only.

import { z } from 'zod'
import {
  type FourierSensitivity,
  fourierSensitivity,
  type Spectrum,
  spectrum as spectrumProbe,
} from '../../probe/index.ts'
import type { Answers } from '../answers.ts'
import type { Chapter } from '../chapter.ts'
import { Pair, PairOf, pairOf } from '../pair.ts'
import type { TaskPair } from '../task.ts'

const Settings = z.strictObject({
  /** Images whose maps are looked at. */
  images: z.int().positive().default(100),
  /** Images that waves are added to. */
  disturbed: z.int().positive().default(64),
  /** Frequencies from 0 to Nyquist along each axis. */
  steps: z.int().min(1).max(64).default(8),
  /** L2 norm of a wave over the three channels; default .07 a value. */
  norm: z.number().positive().optional(),
})
type Settings = z.infer<typeof Settings>

/** Mean over units of the share of energy above half Nyquist. */
const Share = Pair.extend({ layer: z.string(), units: z.number() })

const Wave = z.object({
  /** Cycles per image, downwards and across. */
  down: z.number(),
  across: z.number(),
  error: z.number(),
})

const Summary = z.object({
  /** Of the kernels of the first convolution; none where a network has no convolution larger than 1x1. */
  filters: Share.optional(),
  images: z.number(),
  /** Of the maps; layers that are constant in a network are left out. */
  layers: z.array(Share),
  sensitivity: z.object({
    images: z.number(),
    norm: z.number(),
    /** Cycles per image, downwards and across, of the rows and columns of `errors`. */
    rows: z.array(z.number()),
    columns: z.array(z.number()),
    errors: PairOf(z.array(z.array(z.number()))),
    /** Errors without a wave, with waves up to half Nyquist, with waves above. */
    clean: Pair,
    low: Pair,
    high: Pair,
    /** The wave that disturbs most. */
    worst: PairOf(Wave),
  }),
})
type Summary = z.infer<typeof Summary>

/** Of one unit: shares of energy above half Nyquist. Null: nothing that varies. */
const UnitSpectrum = z.object({ maps: z.number().nullable(), filters: z.number().nullable().optional() })

export const spectrum: Chapter<Summary, Settings, z.infer<typeof UnitSpectrum>> = {
  schema: Summary,
  settings: Settings,
  unit: UnitSpectrum,

  plan({ config, data, layers, evidence, ask }, { images, disturbed, steps, norm }) {
    if (!evidence || layers.length === 0) return undefined
    const { resamples } = config
    const spectra = ask('spectra', spectrumProbe({ data: data.images, layers, limit: images, resamples }))
    const waves = ask(
      'waves of one frequency',
      fourierSensitivity({
        data: data.images,
        steps,
        limit: disturbed,
        resamples,
        ...(norm !== undefined && { norm }),
      }),
    )
    return {
      tasks: [spectra.standard, spectra.robust, waves.standard, waves.robust],
      summarise: answers => summarise(spectra, waves, answers),
      units(answers, role) {
        const { filters, layers: measured } = answers.of(spectra[role])
        return measured.map(({ layer, channels }) => ({
          layer,
          units: channels.map((maps, channel) => ({
            maps,
            ...(filters?.layer === layer && { filters: filters.perUnit[channel] ?? null }),
          })),
        }))
      },
    }
  },
}

function summarise(
  spectra: TaskPair<Spectrum>,
  waves: TaskPair<FourierSensitivity>,
  answers: Answers,
): Summary {
  const { standard, robust } = answers.pair(spectra, answer => answer)
  const filters = standard.filters && robust.filters && { standard: standard.filters, robust: robust.filters }
  const disturbed = answers.pair(waves, answer => answer)
  const { images, norm, rows, columns } = disturbed.standard
  return {
    ...(filters && {
      filters: {
        layer: filters.standard.layer,
        units: filters.standard.perUnit.length,
        ...pairOf(role => filters[role].high),
      },
    }),
    images: standard.images,
    layers: standard.layers.flatMap(({ layer, high, channels }, i) => {
      const other = robust.layers[i]?.high
      return high === null || other === null || other === undefined
        ? []
        : [{ layer, units: channels.length, standard: high, robust: other }]
    }),
    sensitivity: {
      images,
      norm,
      rows,
      columns,
      errors: pairOf(role => disturbed[role].errors),
      clean: pairOf(role => disturbed[role].clean),
      low: pairOf(role => disturbed[role].low),
      high: pairOf(role => disturbed[role].high),
      worst: pairOf(role => worstOf(disturbed[role])),
    },
  }
}

/** The wave with the largest error; the first of several. */
function worstOf({ rows, columns, errors }: FourierSensitivity): z.infer<typeof Wave> {
  const all = rows.flatMap((down, r) =>
    columns.map((across, c) => ({ down, across, error: errors[r]?.[c] ?? 0 })),
  )
  return all.reduce((worst, wave) => (wave.error > worst.error ? wave : worst))
}
