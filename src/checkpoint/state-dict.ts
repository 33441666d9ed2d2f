// Finds the weights in what a training script saved: a state dict, a dict around it, or a whole module.

import { Opaque } from './pickle/values.ts'
import type { StoredTensor } from './stored.ts'
import { TorchTensor } from './torch-tensor.ts'

/** Where scripts keep weights, the best first: averaged ones (timm, torchvision), then the raw ones. */
const parts = [
  'state_dict_ema',
  'model_ema',
  'ema_state_dict',
  'ema',
  'model',
  'state_dict',
  'model_state_dict',
  'network',
  'net',
  'params',
]

const deepest = 64
const mostModules = 100_000

export interface StateDict {
  /** The key it was under; '' for the top. */
  readonly part: string
  /** By the names the file has. */
  readonly tensors: Map<string, StoredTensor>
}

/**
 * The weights in `saved`; empty when there are none.
 * @param part look under this key only.
 */
export function findStateDict(saved: unknown, part?: string): StateDict {
  if (saved instanceof Map)
    for (const key of part === undefined ? parts : [part]) {
      const tensors = tensorsOf(saved.get(key))
      if (tensors.size > 0) return { part: key, tensors }
    }
  return { part: '', tensors: part === undefined ? tensorsOf(saved) : new Map() }
}

function tensorsOf(value: unknown): Map<string, StoredTensor> {
  const tensors = new Map<string, StoredTensor>()
  if (value instanceof Map) addTensors(tensors, '', value)
  else if (value instanceof Opaque) addModule(tensors, value)
  return tensors
}

function addTensors(tensors: Map<string, StoredTensor>, prefix: string, dict: unknown): void {
  if (!(dict instanceof Map)) return
  for (const [key, value] of dict)
    if (typeof key === 'string' && value instanceof TorchTensor) tensors.set(prefix + key, value)
}

/** A pickled torch.nn.Module: its attributes hold parameters, buffers and inner modules by name. */
function addModule(tensors: Map<string, StoredTensor>, module: Opaque): void {
  const open = [{ prefix: '', module, depth: 0 }]
  let visited = 0
  for (let next = open.pop(); next !== undefined && visited < mostModules; next = open.pop(), visited++) {
    const { prefix, depth } = next
    const attributes = next.module.state
    if (!(attributes instanceof Map) || depth > deepest) continue
    addTensors(tensors, prefix, attributes.get('_parameters'))
    addTensors(tensors, prefix, attributes.get('_buffers'))
    const inner = attributes.get('_modules')
    if (!(inner instanceof Map)) continue
    for (const [key, value] of inner)
      if (typeof key === 'string' && value instanceof Opaque)
        open.push({ prefix: `${prefix}${key}.`, module: value, depth: depth + 1 })
  }
}
