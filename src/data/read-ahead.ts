// Reading many things at once, but never too many: memory stays constant however large a data set is.

import { InputError } from '../errors/input-error.ts'

// So many images are read at the same time: enough to keep the decoder's threads busy, few enough for memory.
const IN_FLIGHT = 8

/**
 * The batches `from..to` of 0..count-1, read by `read`. While a batch is in use, the next one is being read.
 * @throws InputError when `batchSize` is not a whole number of at least 1.
 */
export async function* readAhead<Batch>(
  count: number,
  batchSize: number,
  read: (from: number, to: number) => Promise<Batch>,
): AsyncGenerator<Batch> {
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new InputError(`the batch size must be a whole number of at least 1, found ${batchSize}`)
  }
  const start = (from: number) => {
    const reading = read(from, Math.min(from + batchSize, count))
    // Awaited later, or never when the consumer stops early: no rejection may go unheard meanwhile.
    reading.catch(() => {})
    return reading
  }
  let next = count > 0 ? start(0) : undefined
  for (let from = batchSize; next !== undefined; from += batchSize) {
    const ready = await next
    next = from < count ? start(from) : undefined
    yield ready
  }
}

/** Runs `work` for 0..count-1, a few at a time. Returns the InputErrors by index, ascending; others are thrown. */
export async function inParallel(
  count: number,
  work: (index: number) => void | Promise<void>,
): Promise<Map<number, InputError>> {
  const faults = new Map<number, InputError>()
  let next = 0
  const lane = async () => {
    while (next < count) {
      const index = next++
      try {
        await work(index)
      } catch (error) {
        if (!(error instanceof InputError)) throw error
        faults.set(index, error)
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(IN_FLIGHT, count) }, lane))
  return new Map([...faults].sort(([a], [b]) => a - b))
}
