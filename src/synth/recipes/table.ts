// The recipes by name: what each reads, does and promises. The command line, the judge and the report go by this list.

import { InputError } from '../../errors/input-error.ts'
import { resizeImages } from '../../image/resize-images.ts'
import { type FloatTensor, rows } from '../../tensor/tensor.ts'
import type { ClassGaussians } from '../gaussians.ts'
import { sampleGaussians } from '../gaussians.ts'
import { inpaint, withHoles } from './inpaint.ts'
import { paint } from './paint.ts'
import type { Made, RecipeContext } from './recipe.ts'
import { interpolate, invert } from './represent.ts'
import { superResolve } from './super-resolve.ts'
import { smoothInpainting, smoothSuperResolution } from './total-variation-prior.ts'
import { towardsClass } from './towards-class.ts'
import { visualiseClasses, visualiseUnits } from './visualise.ts'

/** All that a recipe may be asked to work on; each looks at its own part. */
export interface RecipeInputs {
  /** Real images `[n, 3, h, w]`, and the class of each. */
  readonly images: FloatTensor
  readonly labels: Int32Array
  /** The class that each picture should become. */
  readonly targets: Int32Array
  /** `[n, 1, h, w]`, 1 where a picture may change. */
  readonly holes: FloatTensor
  /** How many times smaller the images of super-resolution are. */
  readonly factor: number
  readonly layer: string
  readonly channels: readonly number[]
  readonly gaussians?: ClassGaussians | undefined
}

export interface RecipeEntry {
  readonly title: string
  /** One sentence for people. */
  readonly summary: string
  /** Which real images it starts from. */
  readonly reads: 'images' | 'gaussians' | 'nothing'
  run(context: RecipeContext, inputs: RecipeInputs): Promise<Made>
  /** The class that others should see in each picture. */
  readonly wanted?: (inputs: RecipeInputs) => Int32Array
  /** What each picture should be like. */
  readonly original?: (inputs: RecipeInputs) => FloatTensor
  /** What is done without a network, by name. */
  readonly baselines?: (context: RecipeContext, inputs: RecipeInputs) => Promise<Record<string, FloatTensor>>
  /** What stands below each picture. */
  caption(inputs: RecipeInputs, classes: readonly string[], index: number): string
}

const named = (classes: readonly string[], label: number | undefined) => classes[label ?? -1] ?? '?'
const target: RecipeEntry['caption'] = ({ targets }, classes, i) => named(classes, targets[i])
const own: RecipeEntry['caption'] = ({ labels }, classes, i) => named(classes, labels[i])
const change: RecipeEntry['caption'] = (inputs, classes, i) =>
  `${own(inputs, classes, i)} → ${target(inputs, classes, i)}`
const unitName: RecipeEntry['caption'] = ({ layer, channels }, _, i) => `${layer}:${channels[i]}`
const wantedTargets = ({ targets }: RecipeInputs) => targets
const wantedLabels = ({ labels }: RecipeInputs) => labels
const originals = ({ images }: RecipeInputs) => images

export const recipes = {
  generate: {
    title: 'Class-conditional generation',
    summary: 'From a sample of the Gaussian of a class of small images, towards the class.',
    reads: 'gaussians',
    run(context, { gaussians, targets }) {
      if (gaussians === undefined) throw new InputError('generation needs class Gaussians')
      const random = context.random.fork('gaussians')
      const starts = sampleGaussians(gaussians, targets, context.model.preprocessing.size, random)
      return towardsClass(context, 'generate', starts, targets)
    },
    wanted: wantedTargets,
    caption: target,
  },
  inpaint: {
    title: 'Inpainting',
    summary: 'A hole is filled with what the class makes likely; the rest stays as it was.',
    reads: 'images',
    run: (context, { images, holes, labels }) => inpaint(context, images, holes, labels),
    wanted: wantedLabels,
    original: originals,
    baselines: async (context, { images, holes }) => {
      const starts = withHoles(images, holes)
      return { 'mean colour': starts, 'TV prior': await smoothInpainting(context, starts, holes) }
    },
    caption: own,
  },
  'super-resolution': {
    title: 'Super-resolution',
    summary: 'A small image, made large by interpolation, goes a short way towards its class.',
    reads: 'images',
    run: (context, inputs) => superResolve(context, smallImages(inputs), inputs.labels),
    wanted: wantedLabels,
    original: originals,
    baselines: async (context, inputs) => {
      const small = smallImages(inputs)
      const [height, width] = context.model.preprocessing.size
      const bicubic = resizeImages(small, height, width, 'bicubic')
      return { bicubic, 'TV prior': await smoothSuperResolution(context, small, bicubic) }
    },
    caption: own,
  },
  translate: {
    title: 'Image-to-image translation',
    summary: 'An image of one class becomes one of another.',
    reads: 'images',
    run: (context, { images, targets }) => towardsClass(context, 'translate', images, targets),
    wanted: wantedTargets,
    caption: change,
  },
  sketch: {
    title: 'Sketch to image',
    summary: 'A drawing gets what its class is made of.',
    reads: 'images',
    run: (context, { images, labels }) => towardsClass(context, 'sketch', images, labels),
    wanted: wantedLabels,
    caption: own,
  },
  'what-if': {
    title: 'What would make this a …',
    summary:
      'An image goes only as far towards another class as a large ball allows: a large-epsilon adversarial example.',
    reads: 'images',
    run: (context, { images, targets }) => towardsClass(context, 'what-if', images, targets),
    wanted: wantedTargets,
    caption: change,
  },
  paint: {
    title: 'Feature painting',
    summary: 'Under a mask, an image gets more of what one unit responds to.',
    reads: 'images',
    run: (context, { images, holes, layer, channels }) => paint(context, images, holes, layer, channels),
    caption: unitName,
  },
  invert: {
    title: 'Representation inversion',
    summary: 'From grey noise: a picture that a layer cannot tell from the image.',
    reads: 'images',
    run: (context, { images, layer }) => invert(context, images, layer),
    wanted: wantedLabels,
    original: originals,
    caption: own,
  },
  interpolate: {
    title: 'Interpolation',
    summary: "Pictures along the straight line between two images in a layer's space.",
    reads: 'images',
    run(context, { images, layer }) {
      const pairs = Math.floor(images.shape[0]! / 8)
      if (pairs < 1)
        throw new InputError(`interpolation makes 8 pictures per pair, found room for ${images.shape[0]}`)
      return interpolate(context, rows(images, 0, pairs), rows(images, pairs, 2 * pairs), layer, 8)
    },
    caption: ({ labels, images }, classes, i) => {
      const pairs = Math.floor(images.shape[0]! / 8)
      const pair = Math.floor(i / 8)
      return `${named(classes, labels[pair])} → ${named(classes, labels[pairs + pair])}, ${i % 8}/7`
    },
  },
  units: {
    title: 'What units respond to',
    summary: 'From noise, in Fourier coefficients: the picture that excites a hidden unit most.',
    reads: 'nothing',
    run: (context, { layer, channels }) => visualiseUnits(context, layer, channels, stepsOf(context)),
    caption: unitName,
  },
  classes: {
    title: 'What classes look like',
    summary: 'From noise, in Fourier coefficients: the picture with the highest logit of a class.',
    reads: 'nothing',
    run: (context, { targets }) => visualiseClasses(context, targets, stepsOf(context)),
    wanted: wantedTargets,
    caption: target,
  },
} as const satisfies Readonly<Record<string, RecipeEntry>>

export type RecipeName = keyof typeof recipes
export const recipeNames = Object.keys(recipes) as readonly RecipeName[]

/** The recipe of this name. */
export function recipeOf(name: RecipeName): RecipeEntry {
  return recipes[name]
}

const stepsOf = ({ settings }: RecipeContext) =>
  settings?.steps === undefined ? {} : { steps: settings.steps }

/** The images of super-resolution as they come in. @throws InputError when the factor does not divide their sides. */
function smallImages({ images, factor }: RecipeInputs): FloatTensor {
  const [, , height = 0, width = 0] = images.shape
  if (!Number.isInteger(factor) || factor < 2 || height % factor !== 0 || width % factor !== 0) {
    throw new InputError(
      `the factor of super-resolution must be a whole number from 2 on that divides ${height}x${width}, found ${factor}`,
    )
  }
  return resizeImages(images, height / factor, width / factor, 'bicubic')
}
