// The gradient of Einsum: for each operand another Einsum, of the gradient with the other operands.

import { InputError } from '../../errors/input-error.ts'
import { stringOf } from '../../onnx/attributes.ts'
import { shapeLike } from '../like.ts'
import { firstGradient, type Rule, type RuleTable } from '../rule.ts'

const einsum: Rule = context => {
  const { builder, node, needs } = context
  const { terms, output } = termsOf(stringOf(node, 'equation', ''))
  const gradient = firstGradient(context)
  for (const term of terms) {
    const letters = lettersOf(term)
    if (new Set(letters).size < letters.length || term.includes('...')) {
      throw new InputError(
        `Einsum (node ${node.name}) has the term ${term}: terms with repeated axes or an ellipsis have no gradient rule`,
      )
    }
  }
  return node.inputs.map((input, i) => {
    if (!needs[i]) return undefined
    const others = terms.filter((_, k) => k !== i)
    const operands = [gradient, ...node.inputs.filter((_, k) => k !== i)]
    const present = new Set(lettersOf([output, ...others].join('')))
    const letters = lettersOf(terms[i]!)
    // Axes that only this operand has were summed: their gradient is the same all along.
    const kept = letters.filter(letter => present.has(letter)).join('')
    const equation = `${[output, ...others].join(',')}->${kept}`
    const part = builder.op('Einsum', operands, { equation })
    const lost = letters.flatMap((letter, axis) => (present.has(letter) ? [] : [axis]))
    const full = lost.length > 0 ? builder.op('Unsqueeze', [part, builder.ints(lost)]) : part
    return lost.length > 0 ? builder.op('Expand', [full, shapeLike(context, input)]) : full
  })
}

/** Without `->` the output has the letters that occur once, in alphabetical order. */
function termsOf(equation: string): { terms: readonly string[]; output: string } {
  const [left = '', right] = equation.replaceAll(' ', '').split('->')
  const letters = lettersOf(left)
  const once = letters.filter(c => letters.indexOf(c) === letters.lastIndexOf(c)).sort()
  return { terms: left.split(','), output: right ?? once.join('') }
}

const lettersOf = (text: string) => [...text.replace(/[.,]/g, '')]

export const einsums: RuleTable = { Einsum: einsum }
