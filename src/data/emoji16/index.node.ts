// What other folders use of emoji16.

export { type Category, categories } from './categories.ts'
export { emoji16ConceptDataset, emoji16Concepts } from './concepts.ts'
export { type Emoji16, type Emoji16Options, emoji16 } from './emoji16.node.ts'
export { type ExportedFolder, type ExportOptions, exportEmoji16 } from './export.node.ts'
export { type Emoji16Split, emoji16Splits } from './splits.ts'
export { firstNovelTexture, textureNames } from './textures.ts'
