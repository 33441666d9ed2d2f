// The file names of the pages of layers and units. Layers are called what a network's author called them, slashes and
// all; their files must lie beside each other on every file system and never be one.

export interface UnitPageNames {
  /** The file of a layer, or of one of its units; undefined for one that there is no page for. */
  of(layer: string, channel?: number): string | undefined
}

/** Longest name of a layer in a file name; file systems take 255 bytes in all. */
const longest = 100

/** @param layers in order, with the number of units that have pages */
export function unitPageNames(
  layers: readonly { readonly layer: string; readonly units: number }[],
): UnitPageNames {
  const stems = new Map<string, string>()
  const taken = new Set<string>()
  for (const { layer } of layers) {
    // A dash is left to stand between layer and unit, so that unit 3 of `a` is never the layer `a-3`.
    const plain = layer.replaceAll(/[^A-Za-z0-9._]/g, '_').slice(0, longest)
    let stem = plain
    // Some file systems do not tell `A` from `a`.
    for (let n = 2; taken.has(stem.toLowerCase()); n++) stem = `${plain}_${n}`
    taken.add(stem.toLowerCase())
    stems.set(layer, stem)
  }
  const units = new Map(layers.map(({ layer, units }) => [layer, units]))
  return {
    of(layer, channel) {
      const stem = stems.get(layer)
      if (stem === undefined) return undefined
      if (channel === undefined) return `${stem}.html`
      return channel >= 0 && channel < units.get(layer)! ? `${stem}-${channel}.html` : undefined
    },
  }
}
