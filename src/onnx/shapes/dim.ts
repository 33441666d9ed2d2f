// Arithmetic on axes that may be symbols. A symbolic axis is a polynomial with integer coefficients over symbols,
// written as text in one canonical way (`2*n*c + 3`, `floor((h - 1)/2)`), so that equal axes are equal strings.

import type { Dim } from '../graph.ts'

/** Monomial (its factors, sorted, joined by `*`; '' for the constant) -> coefficient. */
type Polynomial = ReadonlyMap<string, number>

export function addDims(a: Dim, b: Dim): Dim {
  if (typeof a === 'number' && typeof b === 'number') return a + b
  return format(sum(parse(a), parse(b), 1))
}

export function subtractDims(a: Dim, b: Dim): Dim {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  return format(sum(parse(a), parse(b), -1))
}

export function multiplyDims(a: Dim, b: Dim): Dim {
  if (typeof a === 'number' && typeof b === 'number') return a * b
  return format(product(parse(a), parse(b)))
}

/** The number of elements of a shape. */
export function countDims(shape: readonly Dim[]): Dim {
  return shape.reduce(multiplyDims, 1)
}

/** a / b where that is certainly whole; undefined otherwise. */
export function divideDims(a: Dim, b: Dim): Dim | undefined {
  if (a === b) return b === 0 ? undefined : 1
  if (typeof a === 'number' && typeof b === 'number') return b !== 0 && a % b === 0 ? a / b : undefined
  const divisor = [...parse(b)]
  if (divisor.length !== 1) return undefined
  const [[factors, coefficient]] = divisor as [[string, number]]
  const quotient = new Map<string, number>()
  for (const [monomial, k] of parse(a)) {
    const rest = withoutFactors(monomial, factors)
    if (rest === undefined || k % coefficient !== 0) return undefined
    quotient.set(rest, k / coefficient)
  }
  return format(quotient)
}

/** floor(a / b) */
export function floorDivideDims(a: Dim, b: Dim): Dim {
  if (typeof a === 'number' && typeof b === 'number') return Math.floor(a / b)
  const exact = divideDims(a, b)
  if (exact !== undefined) return exact
  const numerator = parse(a)
  // floor((h + 5)/2) = floor((h + 1)/2) + 2: one way of writing it.
  if (typeof b === 'number') {
    const constant = numerator.get('') ?? 0
    const whole = Math.floor(constant / b)
    if (whole !== 0) return addDims(floorDivideDims(subtractDims(a, whole * b), b), whole)
  }
  const text = numerator.size > 1 ? `(${a})` : a
  return `floor(${text}/${b})`
}

/** What two broadcast axes give. A symbol against a number above 1 must be that number (or 1). */
export function broadcastDims(a: Dim, b: Dim): Dim | undefined {
  if (a === b || b === 1) return a
  if (a === 1) return b
  if (typeof a === 'number') return typeof b === 'number' ? undefined : a
  if (typeof b === 'number') return b
  return `max(${[a, b].sort().join(', ')})`
}

/**
 * A symbol from outside in a form that arithmetic leaves alone: `batch-size`, which would read as a difference,
 * becomes `batch_size`; what is written as this file writes it stays.
 */
export function symbolOf(name: string): string {
  return format(parse(name)) === name ? name : name.replace(/[-+*/(),\s]+/g, '_')
}

/** Whether two axes can be the same: unequal numbers cannot, symbols might. */
export function mayEqual(a: Dim, b: Dim): boolean {
  return a === b || typeof a === 'string' || typeof b === 'string'
}

function sum(a: Polynomial, b: Polynomial, sign: number): Polynomial {
  const out = new Map(a)
  for (const [monomial, k] of b) out.set(monomial, (out.get(monomial) ?? 0) + sign * k)
  return out
}

function product(a: Polynomial, b: Polynomial): Polynomial {
  const out = new Map<string, number>()
  for (const [p, j] of a) {
    for (const [q, k] of b) {
      const monomial = [...factorsOf(p), ...factorsOf(q)].sort().join('*')
      out.set(monomial, (out.get(monomial) ?? 0) + j * k)
    }
  }
  return out
}

/** `monomial` divided by `factors`, undefined when it lacks one of them. */
function withoutFactors(monomial: string, factors: string): string | undefined {
  const left = factorsOf(monomial)
  for (const factor of factorsOf(factors)) {
    const at = left.indexOf(factor)
    if (at < 0) return undefined
    left.splice(at, 1)
  }
  return left.join('*')
}

function format(polynomial: Polynomial): Dim {
  const terms = [...polynomial].filter(([, k]) => k !== 0)
  if (terms.length === 0) return 0
  if (terms.length === 1 && terms[0]![0] === '') return terms[0]![1]
  // Symbols in alphabetical order, the constant last.
  terms.sort(([p], [q]) => (p === '' ? 1 : q === '' ? -1 : p < q ? -1 : 1))
  return terms
    .map(([monomial, k], i) => {
      const size = Math.abs(k)
      const text = monomial === '' ? `${size}` : size === 1 ? monomial : `${size}*${monomial}`
      return i === 0 ? (k < 0 ? `-${text}` : text) : k < 0 ? ` - ${text}` : ` + ${text}`
    })
    .join('')
}

function parse(dim: Dim): Polynomial {
  if (typeof dim === 'number') return new Map([['', dim]])
  const out = new Map<string, number>()
  for (const { text, sign } of termsOf(dim)) {
    let coefficient = sign
    const factors: string[] = []
    for (const factor of factorsOf(text)) {
      if (/^\d+$/.test(factor)) coefficient *= Number(factor)
      else factors.push(factor)
    }
    const monomial = factors.sort().join('*')
    out.set(monomial, (out.get(monomial) ?? 0) + coefficient)
  }
  return out
}

/** `2*n - floor((h - 1)/2) + 3` -> its terms with signs; text in brackets stays whole. */
function termsOf(text: string): { text: string; sign: number }[] {
  const terms: { text: string; sign: number }[] = []
  let start = 0
  let sign = 1
  let depth = 0
  const end = (at: number) => {
    const term = text.slice(start, at).trim()
    if (term !== '') terms.push({ text: term, sign })
  }
  for (let i = 0; i < text.length; i++) {
    const c = text[i]
    if (c === '(') depth++
    else if (c === ')') depth--
    else if (depth === 0 && (c === '+' || c === '-')) {
      end(i)
      sign = c === '-' ? -1 : 1
      start = i + 1
    }
  }
  end(text.length)
  return terms
}

function factorsOf(monomial: string): string[] {
  if (monomial === '') return []
  const factors: string[] = []
  let start = 0
  let depth = 0
  for (let i = 0; i <= monomial.length; i++) {
    const c = monomial[i]
    if (c === '(') depth++
    else if (c === ')') depth--
    else if (c === undefined || (depth === 0 && c === '*')) {
      factors.push(monomial.slice(start, i).trim())
      start = i + 1
    }
  }
  return factors
}
