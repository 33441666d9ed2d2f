// How much the network sees a class in the picture.

import { checkLabels } from '../../attack/criterion.ts'
import { type FloatTensor, float32 } from '../../tensor/tensor.ts'
import type { Objective, SynthesisModel } from '../objective.ts'

/**
 * The cross-entropy -log softmax(logits)[label] to one class per picture, in nats.
 * @throws InputError for a class that the model does not have.
 */
export function crossEntropy(model: SynthesisModel, labels: Int32Array): Objective {
  return {
    name: 'cross-entropy',
    feeds: { classes: oneHot(model, labels) },
    append: ({ builder, logits, feed }) => {
      const likelihoods = builder.op('LogSoftmax', [logits], { axis: 1 })
      const picked = builder.op('Mul', [likelihoods, feed('classes')])
      return builder.op('Neg', [builder.op('ReduceSum', [picked, builder.ints([1])], { keepdims: 0 })])
    },
  }
}

/**
 * The logit of one class per picture.
 * @throws InputError for a class that the model does not have.
 */
export function classLogit(model: SynthesisModel, labels: Int32Array): Objective {
  return {
    name: 'class logit',
    feeds: { classes: oneHot(model, labels) },
    append: ({ builder, logits, feed }) => {
      const picked = builder.op('Mul', [logits, feed('classes')])
      return builder.op('ReduceSum', [picked, builder.ints([1])], { keepdims: 0 })
    },
  }
}

function oneHot(model: SynthesisModel, labels: Int32Array): FloatTensor {
  const classes = model.classes.length
  checkLabels(labels, labels.length, classes)
  const data = new Float32Array(labels.length * classes)
  for (const [i, label] of labels.entries()) data[i * classes + label] = 1
  return float32([labels.length, classes], data)
}
