// The part of an audit that attacks the network: PGD at several radii, and at the greatest of them, where asked for, a
// stronger attack, which then says what `robust-accuracy` is.

import type { Dataset } from '../data/dataset.ts'
import { adversarialAccuracy, autoAttackAccuracy, wilson } from '../probe/index.ts'
import { type Ask, decisionsOf, type Part, shareMeasure } from './part.ts'
import { type AuditSettings, radiusParts } from './settings.ts'

/** The part; every image attacked is one of `images`. */
export function attackPart(ask: Ask, images: Dataset, settings: AuditSettings['attack']): Part {
  const { norm, epsilon, steps, images: count, name } = settings
  const points = radiusParts.map(part => {
    const radius = part * epsilon
    const probe = adversarialAccuracy({ data: images, norm, epsilon: radius, steps, images: count })
    return { radius, task: ask(`PGD-${steps} ${norm} ${radiusText(radius)}`, probe) }
  })
  const strongest = points.at(-1)!
  const stronger =
    name === 'pgd'
      ? undefined
      : ask(
          `${attackTitles[name]} ${norm} ${radiusText(epsilon)}`,
          autoAttackAccuracy({
            data: images,
            norm,
            epsilon,
            images: count,
            ...(name === 'apgd' && { members: ['apgd-ce', 'apgd-dlr'] }),
          }),
        )
  const title = name === 'pgd' ? `PGD-${steps}` : attackTitles[name]
  const label = `accuracy under ${title} (${norm}, ${radiusText(epsilon)})`
  const id = 'robust-accuracy'
  return {
    tasks: [...points.map(({ task }) => task), ...(stronger ? [stronger] : [])],
    measures: [
      {
        id,
        of: answers => shareMeasure(id, label, stronger ? answers.of(stronger) : answers.of(strongest.task)),
      },
    ],
    curve(answers) {
      const { cleanAccuracy, images: n } = answers.of(strongest.task)
      return {
        id: 'attack',
        label: `accuracy under PGD-${steps} (${norm})`,
        axis: `radius (${norm}, pixel values from 0 to 1)`,
        images: n,
        points: [
          { x: 0, label: 'not attacked', ...wilson(Math.round(cleanAccuracy * n), n) },
          ...points.map(({ radius, task }) => ({
            x: radius,
            label: radiusText(radius),
            ...answers.of(task).accuracy,
          })),
        ],
      }
    },
    decisions: answers => [
      ...points.map(({ radius, task }) => decisionsOf(`pgd-${norm}-${radiusText(radius)}`, answers.of(task))),
      ...(stronger ? [decisionsOf(`${name}-${norm}-${radiusText(epsilon)}`, answers.of(stronger))] : []),
    ],
  }
}

const attackTitles = { apgd: 'APGD', autoattack: 'AutoAttack' } as const

/** `8/255` where it is a whole number of levels, else up to three digits. */
export function radiusText(radius: number): string {
  const levels = radius * 255
  return radius < 1 && Math.abs(levels - Math.round(levels)) < 1e-9
    ? `${Math.round(levels)}/255`
    : String(Number(radius.toPrecision(3)))
}
