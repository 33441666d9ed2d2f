// The manifest is defined beside image decoding, below data and zoo, which need it too.

export { Preprocessing } from '../image/preprocessing.ts'
