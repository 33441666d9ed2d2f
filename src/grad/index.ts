// Gradients of ONNX graphs as longer ONNX graphs.

export { LABELS, LOSS, withCrossEntropy } from './loss.ts'
export { gradient, gradientName } from './reverse.ts'
export type { Rule, RuleContext, RuleTable } from './rule.ts'
