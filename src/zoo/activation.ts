// The activation functions that any network of the zoo can be built with. Smooth ones give adversarial training
// better gradients than ReLU, whose slope jumps (Xie et al. 2020, Smooth adversarial training).

import type { GraphBuilder } from '../onnx/builder.ts'

/**
 * - `relu`: max(0, x)
 * - `silu`: x sigmoid(x) (Hendrycks & Gimpel 2016)
 * - `gelu`: x Phi(x), Phi the normal distribution function (Hendrycks & Gimpel 2016)
 * - `elu`: x where positive, else exp(x) - 1 (Clevert et al. 2016)
 * - `softplus`: log(1 + exp(alpha x)) / alpha, the parametric softplus of Xie et al.
 * - `smooth-relu`: max(0, x - log(beta |x| + 1) / beta) with one learned beta per activation (Xie et al.). What
 *   is stored and trained is log(beta), which keeps beta positive.
 */
export const activations = ['relu', 'silu', 'gelu', 'elu', 'softplus', 'smooth-relu'] as const
export type Activation = (typeof activations)[number]

/** How near `softplus` (its alpha) and `smooth-relu` (its beta at the start) are to ReLU unless told otherwise. */
export const defaultSharpness = 10

const LOG_BETA = '.log_beta'

/** Name of the parameter that holds the log(beta) of the smooth ReLU called `name`. */
export function logBetaName(name: string): string {
  return `${name}${LOG_BETA}`
}

/** Whether a parameter shapes an activation: weight decay, which would pull it to a value of no meaning, spares it. */
export function shapesActivation(parameter: string): boolean {
  return parameter.endsWith(LOG_BETA)
}

/**
 * Appends `kind` to `graph` and returns the value that holds its result, called `name`.
 * @param sharpness alpha of `softplus`
 * @param logBeta the value that holds log(beta) of `smooth-relu`; asked for by no other kind
 */
export function appendActivation(
  graph: GraphBuilder,
  kind: Activation,
  x: string,
  name: string,
  { sharpness, logBeta }: { readonly sharpness: number; readonly logBeta: () => string },
): string {
  switch (kind) {
    case 'relu':
      return graph.op('Relu', [x], {}, { name })
    case 'silu':
      return graph.op('Mul', [x, graph.op('Sigmoid', [x])], {}, { name })
    case 'gelu':
      return graph.op('Gelu', [x], {}, { name })
    case 'elu':
      return graph.op('Elu', [x], {}, { name })
    case 'softplus': {
      const alpha = graph.scalar(sharpness)
      return graph.op('Div', [graph.op('Softplus', [graph.op('Mul', [x, alpha])]), alpha], {}, { name })
    }
    case 'smooth-relu': {
      const beta = graph.op('Exp', [logBeta()])
      const inner = graph.op('Add', [graph.op('Mul', [graph.op('Abs', [x]), beta]), graph.scalar(1)])
      const bend = graph.op('Div', [graph.op('Log', [inner]), beta])
      return graph.op('Relu', [graph.op('Sub', [x, bend])], {}, { name })
    }
  }
}
