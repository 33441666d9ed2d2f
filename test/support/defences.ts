// Networks that hide their gradient, made of the plain one of attack-net.ts: what warnings and the masking check
// must call out.

import { GraphBuilder } from '../../src/onnx/builder.ts'
import type { Graph } from '../../src/onnx/graph.ts'
import { attackNet, attackNetGraph } from './attack-net.ts'

/** Rounds its input to 16 levels first: the gradient of rounding is zero. */
export function quantisedNet(): Graph {
  return before(b => b.op('Div', [b.op('Round', [b.op('Mul', ['images', b.scalar(15)])]), b.scalar(15)]))
}

/** Multiplies its logits, by default by 10,000: softmax saturates and cross-entropy has no gradient. */
export function scaledNet(factor = 1e4): Graph {
  return after(b => b.op('Mul', ['logits', b.scalar(factor)]))
}

/** Gives probabilities. */
export function softmaxNet(): Graph {
  return after(b => b.op('Softmax', ['logits'], { axis: 1 }))
}

/** Gives its decision alone, by an operator that has no gradient rule. */
export function hardNet(): Graph {
  return after(b => b.op('Hardmax', ['logits'], { axis: 1 }))
}

/** Adds noise to its input in every run. */
export function noisyNet(scale = 0.2): Graph {
  return before(b => {
    const noise = b.op('Mul', [b.op('RandomNormalLike', ['images']), b.scalar(scale)])
    return b.op('Add', ['images', noise])
  })
}

function before(change: (builder: GraphBuilder) => string): Graph {
  const net = attackNetGraph()
  const builder = new GraphBuilder('front')
  builder.input('images', 'float32', ['n', 3, attackNet.size, attackNet.size])
  const front = { ...builder.build(), initializers: net.initializers }
  const b = new GraphBuilder(front)
  const changed = b.op('Identity', [change(b)], {}, { name: 'changed' })
  const whole = b.build()
  const body = net.nodes.map(node => ({
    ...node,
    name: `net.${node.name}`,
    inputs: node.inputs.map(name => (name === 'images' ? changed : renamed(name, net))),
    outputs: node.outputs.map(name => (name === 'logits' ? name : renamed(name, net))),
  }))
  return { ...whole, nodes: [...whole.nodes, ...body], outputs: net.outputs }
}

const renamed = (name: string, net: Graph) => (net.initializers.has(name) ? name : `net.${name}`)

function after(change: (builder: GraphBuilder) => string): Graph {
  const net = attackNetGraph()
  const b = new GraphBuilder({ ...net, outputs: [] })
  b.output(change(b), 'float32', ['n', attackNet.classes], 'scores')
  return b.build()
}
