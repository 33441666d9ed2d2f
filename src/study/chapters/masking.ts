// Whether the robustness that the attacks measured is to be trusted: the checks for a hidden gradient, on both
// networks, each with the other as the source of foreign adversarial images.

import { z } from 'zod'
import { GradientMasking, gradientMasking } from '../../probe/index.ts'
import type { Chapter } from '../chapter.ts'
import { PairOf, pairOf } from '../pair.ts'
import { probeTask } from '../probe-task.ts'

const Settings = z.strictObject({
  /** How many images are looked at. */
  images: z.int().positive().default(48),
  /** Steps of PGD. */
  steps: z.int().min(2).default(50),
  /** Proposals of the random search. */
  queries: z.int().positive().default(300),
})
type Settings = z.infer<typeof Settings>

const Summary = PairOf(GradientMasking)
type Summary = z.infer<typeof Summary>

export const masking: Chapter<Summary, Settings> = {
  schema: Summary,
  settings: Settings,

  plan({ config, models, names, data: { images: data }, evidence }, { images, steps, queries }) {
    if (!evidence) return undefined
    const { norm, epsilon } = config.attack
    const tasks = pairOf(role => {
      const surrogate = models[role === 'standard' ? 'robust' : 'standard']
      const probe = gradientMasking({ data, norm, epsilon, images, steps, queries, surrogate })
      return probeTask(`gradient masking: ${names[role]}`, probe, models[role], config.seed)
    })
    return {
      tasks: [tasks.standard, tasks.robust],
      summarise: answers => answers.pair(tasks, answer => answer),
    }
  },
}
