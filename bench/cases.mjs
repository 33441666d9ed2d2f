// What is timed: one function per case that does the work once.

import { ascend } from '../dist/attack/loop.js'
import { lossGradientGraph } from '../dist/attack/loss-gradient.js'
import { norms } from '../dist/attack/norm.js'
import { attackStepGraph, labelTensor } from '../dist/attack/step.js'
import { createClassifier } from '../dist/classifier/create.js'
import { gradient, gradientName, LABELS, LOSS, withCrossEntropy } from '../dist/grad/index.js'
import { prune } from '../dist/onnx/edit.js'
import { readOnnxFile } from '../dist/onnx/file.node.js'
import { foldBatchNorm } from '../dist/onnx/fold-batch-norm.js'
import { crossEntropy, pgd, pixelDistance, plus, synthesize, times } from '../dist/synth/index.js'
import { Random } from '../dist/tensor/random.js'
import { float32 } from '../dist/tensor/tensor.js'
import { Recipe } from '../dist/train/recipe.js'
import { schemeOf } from '../dist/train/schemes/of-recipe.js'
import { loadSessions } from '../dist/train/sessions.js'
import { initialState } from '../dist/train/state.js'
import { nextName } from '../dist/train/training-form.js'
import { scalarsAt } from '../dist/train/update/update.js'
import { buildNetwork, IMAGES, LOGITS } from '../dist/zoo/index.js'

const images = (n, size) => {
  const random = new Random(1)
  return float32(
    [n, 3, size, size],
    Float32Array.from({ length: n * 3 * size * size }, () => random.uniform()),
  )
}
const labels = (n, classes) => Int32Array.from({ length: n }, (_, i) => i % classes)
const imagenet = arch => buildNetwork(arch, { classes: 1000, random: new Random(0) }).graph

async function loaded(runtime, graph, feeds) {
  const session = await runtime.load(graph)
  return { run: () => session.run(feeds), end: () => session.dispose() }
}

/** Cases by name: `kind network`. Each makes `{run, end}` for a runtime and a batch size. */
const kinds = {
  forward: (arch, runtime, n) =>
    loaded(runtime, prune(imagenet(arch), [LOGITS]), { [IMAGES]: images(n, 224) }),

  gradient: (arch, runtime, n) => {
    const graph = lossGradientGraph(imagenet(arch), 'cross-entropy')
    const feeds = { [IMAGES]: images(n, 224), [LABELS]: labelTensor(labels(n, 1000)) }
    return loaded(runtime, prune(graph, [gradientName(LOSS, IMAGES)]), feeds)
  },

  /** As `gradient`, of a network that PyTorch's exporter wrote to `path`. */
  nets: (_, runtime, n, path) => {
    const net = readOnnxFile(path)
    const [input, output] = [net.inputs[0], net.outputs[0]]
    const graph = gradient(withCrossEntropy(foldBatchNorm(net), output.name), LOSS, [input.name])
    const feeds = { [input.name]: images(n, input.shape[2]), [LABELS]: labelTensor(labels(n, 1000)) }
    return loaded(runtime, prune(graph, [gradientName(LOSS, input.name)]), feeds)
  },

  /** Seven steps of PGD, L2, eps 3. */
  pgd: async (arch, runtime, n) => {
    const session = await runtime.load(attackStepGraph(imagenet(arch), norms.L2))
    const originals = images(n, 224)
    const options = {
      originals,
      start: originals,
      labels: labels(n, 1000),
      epsilon: 3,
      stepSize: 1,
      steps: 7,
    }
    return { run: () => ascend(session, options), end: () => session.dispose() }
  },

  /** Seven steps of inpainting: L2 PGD on cross-entropy and the distance outside a hole, as `synthesize` runs them. */
  synth: async (arch, runtime, n) => {
    const { graph, preprocessing, layers } = buildNetwork(arch, { classes: 1000, random: new Random(0) })
    const model = await createClassifier({ name: arch, graph, runtime, preprocessing, layers })
    const start = images(n, 224)
    const kept = float32([n, 1, 224, 224], new Float32Array(n * 224 * 224).fill(1))
    for (let i = 0; i < kept.data.length; i++) if (i % 224 > 70 && i % 224 < 150) kept.data[i] = 0
    const goal = plus(crossEntropy(model, labels(n, 1000)), times(10, pixelDistance(start, kept)))
    const optimiser = pgd({ norm: 'L2', epsilon: 21.6, stepSize: 0.1 })
    const run = async () => {
      await synthesize(model, { goal, start, optimiser, steps: 6 })
    }
    return { run, end: () => model.dispose() }
  },

  /** Seven steps of PGD on 64 images of 64x64, then one of SGD: what every step of adversarial training does. */
  training: async (arch, runtime) => {
    const network = buildNetwork(arch, { classes: 16, size: 64, random: new Random(0) })
    const recipe = Recipe.parse({
      arch,
      data: 'emoji16',
      adversarial: { norm: 'L2', epsilon: 1.5, steps: 7 },
    })
    const sessions = await loadSessions(network, recipe, schemeOf(recipe, network), runtime)
    const state = initialState(network, recipe)
    let weights = Object.fromEntries(state.weights)
    let slots = Object.fromEntries(state.slots)
    const scalars = scalarsAt(recipe, { step: 1, done: 0, learningRate: 0.01 })
    const originals = images(64, 64)
    const classes = labels(64, 16)
    const options = { originals, start: originals, labels: classes, epsilon: 1.5, stepSize: 0.5, steps: 7 }
    const next = (values, result) =>
      Object.fromEntries(Object.keys(values).map(name => [name, result[nextName(name)]]))
    const run = async () => {
      const attack = await sessions.attack(weights)
      const attacked = await ascend(attack, options)
      const result = await sessions.update.run({
        ...weights,
        ...slots,
        [IMAGES]: attacked,
        [LABELS]: labelTensor(classes),
        ...Object.fromEntries(Object.entries(scalars).map(([name, value]) => [name, float32([], [value])])),
      })
      weights = next(weights, result)
      slots = next(slots, result)
    }
    return { run, end: () => sessions.dispose() }
  },
}

const nets = ['alexnet', 'googlenet', 'resnet50']
const exported = [
  ...['alexnet', 'googlenet', 'inception_v3', 'resnet18', 'resnet50', 'wide_resnet50_2', 'resnext50_32x4d'],
  ...['vgg11_bn', 'densenet121', 'squeezenet1_1', 'mobilenet_v2', 'mobilenet_v3_small', 'efficientnet_b0'],
  ...['shufflenet_v2_x1_0', 'mnasnet1_0', 'regnet_y_400mf', 'convnext_tiny', 'vit_b_16', 'swin_t'],
]

/** Names of all cases, in the order of the table. */
export const caseNames = [
  ...nets.map(arch => `forward ${arch}`),
  ...nets.map(arch => `gradient ${arch}`),
  'pgd resnet50',
  'synth resnet50',
  'training mini-alex',
  'training resnet18',
  ...exported.map(arch => `nets ${arch}`),
]

/**
 * The case `name` made ready: `run` does the work once.
 * @param path the exported network, of the cases `nets`
 */
export function prepare(name, runtime, batch, path) {
  const [kind, arch] = name.split(' ')
  return kinds[kind](arch, runtime, batch, path)
}
