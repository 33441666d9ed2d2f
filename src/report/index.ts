// What other folders use of reports. In Node, index.node.ts adds what reads and writes files.

export { renderAudit } from './audit.ts'
export {
  type ComparisonOptions,
  type ComparisonRow,
  comparisonChart,
  type Estimate,
} from './charts/comparison.ts'
export { type Curve, type CurveOptions, curveChart } from './charts/curve.ts'
export { type ShapeBiasOptions, shapeBiasChart } from './charts/shape-bias.ts'
export { renderCues } from './cues.ts'
export { type DissectionPage, renderDissection } from './dissection.ts'
export { imageSource } from './html.ts'
export { renderPeople } from './people.ts'
export { renderReport } from './report.ts'
