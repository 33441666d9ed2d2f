// Counts, for every unit and concept, how often the unit's thresholded map and the concept's mask cover the
// same pixels, and scores the pair by intersection over union (Network Dissection, Bau et al. 2017).

import type { Concept, ConceptMasks } from '../../data/concepts.ts'
import type { LayerGeometry } from './geometry.ts'
import { type AxisWeights, axisWeights, pixelsAbove } from './upsample.ts'

export interface TallyOptions {
  readonly concepts: readonly Concept[]
  readonly categories: readonly string[]
  /** Activation level per unit, `[units]`: the unit's mask is where its upsampled map exceeds it. */
  readonly thresholds: Float32Array
  readonly geometry: LayerGeometry
  /**
   * Which images count towards a unit's area for a category. `annotated`: those on which the category is
   * annotated (the definition). `touched`: those on which the unit's mask touches an annotation of it, which
   * is what NetDissect-Lite computes.
   */
  readonly area: 'annotated' | 'touched'
}

/** How well one unit and one concept agree over the data set; all counts in mask pixels. */
export interface ConceptScore {
  readonly concept: Concept
  /** In [0, 1]. */
  readonly iou: number
  readonly intersection: number
  /** Pixels of the concept. */
  readonly truth: number
  /** Pixels of the unit on images that count for the concept's category. */
  readonly activation: number
}

export class ConceptTally {
  private readonly units: number
  private readonly slots: number
  private readonly categoryOf: Int32Array
  private readonly conceptPixels: Float64Array
  private readonly unitPixels: Float64Array
  private readonly bothPixels: Float64Array
  private readonly weights = new Map<string, { rows: AxisWeights; columns: AxisWeights }>()

  constructor(private readonly options: TallyOptions) {
    const { concepts, categories, thresholds } = options
    this.units = thresholds.length
    this.slots = 1 + concepts.reduce((most, concept) => Math.max(most, concept.number), 0)
    this.categoryOf = new Int32Array(this.slots).fill(-1)
    for (const concept of concepts) this.categoryOf[concept.number] = categories.indexOf(concept.category)
    this.conceptPixels = new Float64Array(this.slots)
    this.unitPixels = new Float64Array(this.units * categories.length)
    this.bothPixels = new Float64Array(this.units * this.slots)
  }

  /**
   * Adds one image. `maps` holds its activations `[units, h, w]` from `offset` on.
   */
  add(maps: Float32Array, offset: number, h: number, w: number, masks: ConceptMasks): void {
    const { categories, thresholds, area } = this.options
    const pixels = masks.height * masks.width
    const annotated = new Uint8Array(categories.length)
    for (const map of masks.maps) {
      for (let p = 0; p < pixels; p++) {
        const number = map[p]!
        if (number === 0) continue
        this.conceptPixels[number]! += 1
        annotated[this.categoryOf[number]!] = 1
      }
    }
    for (const number of masks.whole) {
      this.conceptPixels[number]! += pixels
      annotated[this.categoryOf[number]!] = 1
    }

    const { rows, columns } = this.weightsFor(masks, h, w)
    const inside = new Int32Array(pixels)
    const touched = new Uint8Array(categories.length)
    for (let unit = 0; unit < this.units; unit++) {
      const start = offset + unit * h * w
      const count = pixelsAbove(maps, start, w, rows, columns, thresholds[unit]!, inside)
      if (count === 0) continue
      touched.fill(0)
      const both = unit * this.slots
      for (const map of masks.maps) {
        for (let i = 0; i < count; i++) {
          const number = map[inside[i]!]!
          if (number === 0) continue
          this.bothPixels[both + number]! += 1
          touched[this.categoryOf[number]!] = 1
        }
      }
      for (const number of masks.whole) {
        this.bothPixels[both + number]! += count
        touched[this.categoryOf[number]!] = 1
      }
      const counts = area === 'touched' ? touched : annotated
      for (let c = 0; c < counts.length; c++) this.unitPixels[unit * counts.length + c]! += count * counts[c]!
    }
  }

  /** The score of `unit` for `concept`. A concept or unit without a pixel has IoU 0. */
  score(unit: number, concept: Concept): ConceptScore {
    const { categories } = this.options
    const intersection = this.bothPixels[unit * this.slots + concept.number]!
    const truth = this.conceptPixels[concept.number]!
    const activation = this.unitPixels[unit * categories.length + this.categoryOf[concept.number]!]!
    const union = truth + activation - intersection
    return { concept, iou: union > 0 ? intersection / union : 0, intersection, truth, activation }
  }

  /** For `unit` the best concept of every category that has concepts, the best of all first. */
  best(unit: number): ConceptScore[] {
    const bests = new Map<string, ConceptScore>()
    for (const concept of this.options.concepts) {
      const score = this.score(unit, concept)
      const best = bests.get(concept.category)
      if (best === undefined || score.iou > best.iou) bests.set(concept.category, score)
    }
    return [...bests.values()].sort((a, b) => b.iou - a.iou)
  }

  private weightsFor(masks: ConceptMasks, h: number, w: number) {
    const key = `${masks.height}x${masks.width}:${h}x${w}`
    let weights = this.weights.get(key)
    if (weights === undefined) {
      const { geometry } = this.options
      weights = {
        rows: axisWeights(geometry(masks.height, h, 0), h, masks.height),
        columns: axisWeights(geometry(masks.width, w, 1), w, masks.width),
      }
      this.weights.set(key, weights)
    }
    return weights
  }
}
