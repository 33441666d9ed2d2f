// Stochastic gradient descent with momentum. The formulas are those of torch.optim.SGD.

import type { Recipe } from '../recipe.ts'
import { nextName } from '../training-form.ts'
import type { Optimiser } from './optimiser.ts'

/** Name of the input that holds a parameter's velocity: momentum's running sum of gradients. */
const velocityName = (parameter: string) => `sgd.velocity.${parameter}`

export function sgd({ momentum, nesterov }: Pick<Recipe, 'momentum' | 'nesterov'>): Optimiser {
  return {
    slots: parameter => [velocityName(parameter)],
    scalars: () => ({}),
    append({ builder, parameter, value, shape, gradient, rate, weightDecay }) {
      const velocity = builder.input(velocityName(parameter), 'float32', shape)
      const scaled = (of: string, factor: number) => builder.op('Mul', [of, builder.scalar(factor)])
      const decayed = weightDecay === 0 ? gradient : builder.op('Add', [gradient, scaled(value, weightDecay)])
      const speed = builder.op('Add', [scaled(velocity, momentum), decayed])
      const step = nesterov ? builder.op('Add', [decayed, scaled(speed, momentum)]) : speed
      const next = builder.op('Sub', [value, builder.op('Mul', [step, rate])])
      builder.output(speed, 'float32', shape, nextName(velocity))
      return next
    },
  }
}
