// Any number of curves over a common axis, each with its colour and mark: points with their intervals, a line through
// them, the name at its end.

import * as Plot from '@observablehq/plot'
import { svg } from '../plot.ts'
import { theme } from '../theme.ts'

export interface SeriesPoint {
  readonly x: number
  readonly y: number
  readonly low?: number
  readonly high?: number
}

export interface Series {
  readonly color: string
  readonly symbol: 'circle' | 'square'
  /** Written at the curve's end. */
  readonly label: string
  readonly points: readonly SeriesPoint[]
  /** What the line goes through, where several points stand above one place; default: the points. */
  readonly line?: readonly SeriesPoint[]
  readonly dashed?: boolean
}

export interface SeriesOptions {
  readonly alt: string
  readonly series: readonly Series[]
  readonly x: {
    readonly label: string
    readonly ticks?: readonly number[]
    /** Equal ratios are equally far apart. */
    readonly log?: boolean
  }
  readonly y: {
    readonly label: string
    readonly domain?: readonly [number, number]
    readonly format: (value: number) => string
  }
  /** A place on the x axis worth a line, such as the radius R was trained with. */
  readonly mark?: { readonly at: number; readonly label: string }
  readonly width?: number
  readonly height?: number
  /** Room for the labels at the curves' ends. */
  readonly labelWidth?: number
}

/** SVG of the curves. */
export function seriesChart(options: SeriesOptions): string {
  const { series, mark, width = 640, height = 300, labelWidth = 110 } = options
  const ends = apart(
    series.flatMap(one => {
      const last = (one.line ?? one.points).at(-1)
      return last ? [{ series: one, x: last.x, y: last.y }] : []
    }),
    options,
    height,
  )
  return svg(
    {
      width,
      height,
      marginLeft: 52,
      marginRight: labelWidth,
      marginTop: 30,
      marginBottom: 42,
      x: { label: null, ...(options.x.log && { type: 'log' }) },
      y: { label: null, ...(options.y.domain ? { domain: [...options.y.domain] } : {}) },
      marks: [
        Plot.gridY({ stroke: theme.faint, strokeOpacity: 1, ticks: 5 }),
        Plot.axisX({
          ...(options.x.ticks ? { ticks: [...options.x.ticks] } : {}),
          tickFormat: (d: number) => String(d),
          tickSize: 4,
          label: options.x.label,
          labelAnchor: 'center',
          labelArrow: 'none',
          labelOffset: 38,
          color: theme.muted,
        }),
        Plot.axisY({
          ticks: 5,
          tickFormat: options.y.format,
          tickSize: 0,
          label: options.y.label,
          labelAnchor: 'top',
          labelArrow: 'none',
          labelOffset: 46,
          color: theme.muted,
        }),
        ...(mark
          ? [
              Plot.ruleX([mark.at], { stroke: theme.muted, strokeDasharray: '3,3' }),
              Plot.text([mark.at], {
                x: d => d,
                frameAnchor: 'top',
                dy: -6,
                lineAnchor: 'bottom',
                text: () => mark.label,
                fill: theme.muted,
                fontSize: 11.5,
              }),
            ]
          : []),
        ...series.flatMap(({ color, symbol, points, line = points, dashed }) => {
          const bounded = points.filter(p => p.low !== undefined && p.high !== undefined)
          return [
            Plot.ruleX(bounded, {
              x: 'x',
              y1: 'low',
              y2: 'high',
              stroke: color,
              strokeWidth: 2,
              strokeOpacity: 0.5,
            }),
            Plot.line(line, {
              x: 'x',
              y: 'y',
              stroke: color,
              strokeWidth: 2,
              ...(dashed ? { strokeDasharray: '4,3' } : {}),
            }),
            Plot.dot(points, { x: 'x', y: 'y', r: points.length > 12 ? 2.5 : 4, symbol, fill: color }),
          ]
        }),
        ...ends.map(end =>
          Plot.text([end], {
            x: 'x',
            y: 'y',
            dx: 10,
            dy: end.dy,
            textAnchor: 'start',
            text: d => d.series.label,
            fill: end.series.color,
            fontWeight: 600,
          }),
        ),
      ],
    },
    options,
  )
}

interface End {
  readonly series: Series
  readonly x: number
  readonly y: number
}

/** Moves the labels of curves that end close together apart, by pixels up or down. */
function apart(ends: readonly End[], options: SeriesOptions, height: number): (End & { dy: number })[] {
  const all = options.series.flatMap(one => one.points.map(point => point.y))
  const [low, high] = options.y.domain ?? [Math.min(...all), Math.max(...all)]
  const pixels = (height - 72) / (high - low || 1)
  const placed = ends.map(end => ({ ...end, at: -end.y * pixels })).sort((a, b) => a.at - b.at)
  const gap = 16
  for (let i = 1; i < placed.length; i++) {
    const overlap = placed[i - 1]!.at + gap - placed[i]!.at
    if (overlap <= 0) continue
    for (let k = 0; k < i; k++) placed[k]!.at -= overlap / 2
    placed[i]!.at += overlap / 2
  }
  return placed.map(({ at, ...end }) => ({ ...end, dy: at + end.y * pixels }))
}
