// Brings the names that wrappers and older libraries gave to weights back to torchvision's.

import { InputError } from '../errors/input-error.ts'

// Wrappers leave their name in front or in between: DataParallel, torch.compile.
const wrapper = /(?<=^|\.)(module|_orig_mod)\./g
// What MadryLab's robustness keeps beside the network, and averaging keeps beside the weights.
const besides = /^((attacker\.)?(normalizer|normalize)\.|n_averaged$)/

/**
 * `tensors` under torchvision's names: `module.`, `model.`, `attacker.model.` prefixes go (robustness wraps the
 * network twice: the attacker's second copy is dropped), normalisers go, DenseNet's and robustness's old names
 * become today's.
 * @throws InputError when two different tensors get the same name.
 */
export function canonicalNames<T>(tensors: ReadonlyMap<string, T>): Map<string, T> {
  let entries = [...tensors].map(([name, value]) => [name.replace(wrapper, ''), value] as const)
  entries = entries.filter(([name]) => !besides.test(name))
  const own = entries.filter(([name]) => !name.startsWith('attacker.'))
  if (own.length > 0) entries = own
  const renamed = new Map<string, T>()
  for (const [name, value] of entries) {
    const canonical = today(name.replace(/^(attacker\.)?model\./, ''))
    if (renamed.has(canonical))
      throw new InputError(`the checkpoint has two weights called ${canonical} when its prefixes are removed`)
    renamed.set(canonical, value)
  }
  return lastLayer(renamed)
}

/** torchvision before 0.2.1 called DenseNet's layers `norm.1`; they are `norm1` now. */
function today(name: string): string {
  return name.replace(/(denselayer\d+\.(?:norm|relu|conv))\.([12]\.)/, '$1$2')
}

/** robustness takes the last layer of AlexNet and VGG out of `classifier`. */
function lastLayer<T>(tensors: Map<string, T>): Map<string, T> {
  if (!tensors.has('last_layer.weight') || !tensors.has('features.0.weight')) return tensors
  return new Map([...tensors].map(([name, value]) => [name.replace(/^last_layer\./, 'classifier.6.'), value]))
}
