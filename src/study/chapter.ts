// A chapter is one topic of a study: what it asks of the two networks, its part of study.json, the claims of
// the paper that it decides, and what it can say of single units. Chapters know nothing of each other;
// chapters.ts lists them.

import type { z } from 'zod'
import type { Classifier } from '../classifier/classifier.ts'
import type { Pixels } from '../image/pixels.ts'
import type { Probe } from '../probe/probe.ts'
import type { Answers } from './answers.ts'
import type { BaseConfig } from './base-config.ts'
import type { Claim } from './claim.ts'
import { type Names, type PairOf, pairOf, type Role } from './pair.ts'
import { probeTask } from './probe-task.ts'
import type { StudyData } from './study-data.ts'
import type { Task, TaskPair } from './task.ts'

/** Makes a file of an image. */
export type Encode = (image: Pixels) => Promise<Uint8Array>

/** What a chapter plans with. */
export interface Asked {
  readonly config: BaseConfig
  readonly models: PairOf<Classifier>
  readonly names: Names
  readonly data: StudyData
  /** Names of the layers of maps that both networks have, in order. */
  readonly layers: readonly string[]
  /** Whether this is for the report's pictures too, or (further seeds of training) for the claims alone. */
  readonly evidence: boolean
  readonly encodePng: Encode
  /** Smaller, with losses: for pictures of which there are hundreds. Their names end in `.webp`. */
  readonly encodeWebp: Encode
  /** A probe as tasks of both networks; `label` is what people read beside the progress bar. */
  ask<R>(label: string, probe: Probe<R>): TaskPair<R>
}

/** The tasks of a chapter, and what is made of their answers. */
export interface PlannedChapter<S = unknown, U = unknown> {
  /** In the order in which they are run. */
  readonly tasks: readonly Task[]
  summarise(answers: Answers): S
  /** Every decision about every image, for images.csv. */
  decisions?(answers: Answers, role: Role): readonly ImageDecisions[]
  /** Further files of the run folder, by name. */
  files?(answers: Answers): Readonly<Record<string, string>>
  /** What there is to say of every unit of one network. */
  units?(answers: Answers, role: Role): readonly LayerUnits<U>[]
}

/**
 * `S`: its part of the summary. `C`: its settings in the config. `U`: what it says of one unit of one network.
 */
export interface Chapter<S = unknown, C = unknown, U = unknown> {
  readonly schema: z.ZodType<S>
  /** Must accept `{}`: every setting has a default. */
  readonly settings?: z.ZodType<C>
  readonly unit?: z.ZodType<U>
  /** Its tasks, none of which has been run; undefined when these networks and data cannot be asked. */
  plan(asked: Asked, settings: C): PlannedChapter<S, U> | undefined
  /** What its part of the summary says about the paper. */
  claims?(summary: S, names: Names): readonly Claim[]
}

/** The decisions of one network on one set of images. */
export interface ImageDecisions {
  /** `clean`, `noise-0.1`, `pgd-L2-3` */
  readonly condition: string
  readonly classes: readonly string[]
  readonly names: readonly string[]
  readonly labels: readonly number[]
  /** Class of the texture, where it is not the label. */
  readonly textures?: readonly number[]
  readonly decisions: readonly number[]
}

/** One layer of one network, unit by unit. */
export interface LayerUnits<U> {
  readonly layer: string
  /** By channel. */
  readonly units: readonly U[]
}

/** {@link Asked.ask} for these models. Both networks get the same random draws: the same noise, the same starts. */
export function asking(models: PairOf<Classifier>, names: Names, seed: number): Asked['ask'] {
  return (label, probe) => pairOf(role => probeTask(`${label}: ${names[role]}`, probe, models[role], seed))
}
