// AdamW (Loshchilov & Hutter 2019). The formulas are those of torch.optim.AdamW.

import type { OptimiserRecipe } from '../recipe.ts'
import { nextName } from '../training-form.ts'
import type { Optimiser } from './optimiser.ts'

/** Inputs, scalars: 1 - beta^step, which corrects moments that began at 0. */
const BIAS_1 = 'adamw.bias1'
const BIAS_2 = 'adamw.bias2'

type AdamW = Extract<OptimiserRecipe, { kind: 'adamw' }>

export function adamw({ beta1, beta2, epsilon }: AdamW): Optimiser {
  const slots = (parameter: string) => [`adamw.first.${parameter}`, `adamw.second.${parameter}`] as const
  return {
    slots,
    scalars: step => ({ [BIAS_1]: 1 - beta1 ** step, [BIAS_2]: 1 - beta2 ** step }),
    append({ builder, parameter, value, shape, gradient, rate, weightDecay }) {
      const [firstName, secondName] = slots(parameter)
      const before = {
        first: builder.input(firstName, 'float32', shape),
        second: builder.input(secondName, 'float32', shape),
      }
      const mixed = (old: string, fresh: string, keep: number) =>
        builder.op('Add', [
          builder.op('Mul', [old, builder.scalar(keep)]),
          builder.op('Mul', [fresh, builder.scalar(1 - keep)]),
        ])
      const first = mixed(before.first, gradient, beta1)
      const second = mixed(before.second, builder.op('Mul', [gradient, gradient]), beta2)
      builder.output(first, 'float32', shape, nextName(before.first))
      builder.output(second, 'float32', shape, nextName(before.second))

      const deviation = builder.op('Sqrt', [builder.op('Div', [second, BIAS_2])])
      const mean = builder.op('Div', [first, BIAS_1])
      const step = builder.op('Div', [mean, builder.op('Add', [deviation, builder.scalar(epsilon)])])
      const pull = builder.op('Mul', [rate, builder.scalar(weightDecay)])
      const decayed = weightDecay === 0 ? value : builder.op('Sub', [value, builder.op('Mul', [value, pull])])
      return builder.op('Sub', [decayed, builder.op('Mul', [step, rate])])
    },
  }
}
