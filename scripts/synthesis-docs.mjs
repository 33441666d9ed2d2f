// From folders that `silhouette synthesize` wrote to the pictures and tables of docs/synthesis.md.
//
//   node scripts/synthesis-docs.mjs RUNS NAME > tables.md
//
// RUNS holds a folder per recipe. Writes docs/images/synthesis-NAME-<recipe>.webp: the first row of what each column
// made, with its name beside it; prints a table per recipe.

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { recipeNames, recipeOf } from '../dist/synth/index.js'

const [, , runs, name] = process.argv
const LABEL = 118

for (const recipe of recipeNames) {
  const folder = join(runs, recipe)
  if (!existsSync(join(folder, 'exhibit.json'))) continue
  const exhibit = JSON.parse(readFileSync(join(folder, 'exhibit.json'), 'utf8'))
  await writePicture(recipe, folder, exhibit)
  console.log(`### ${recipeOf(recipe).title}\n`)
  console.log(
    `![${recipeOf(recipe).title}: ${rowNames(exhibit).join(', ')}](images/synthesis-${name}-${recipe}.webp)\n`,
  )
  const { columns, rows, captions } = exhibit
  console.log(`From left to right: ${captions.slice(0, 8).join(', ')}.\n`)
  console.log(`| ${exhibit.pictures} pictures | ${columns.map(column => column.name).join(' | ')} |`)
  console.log(`|---|${columns.map(() => '---').join('|')}|`)
  for (const row of rows) {
    const write = value =>
      row.isShare ? `${(100 * value).toFixed(0)} %` : value.toFixed(Math.abs(value) < 10 ? 3 : 1)
    const cells = columns.map(({ key }) => {
      const estimate = row.values[key]
      return estimate ? `${write(estimate.value)} [${write(estimate.low)}, ${write(estimate.high)}]` : ''
    })
    console.log(`| ${row.measure} | ${cells.join(' | ')} |`)
  }
  console.log()
}

/** Baselines first, then the networks, then what is real where pictures stand for images. */
function ordered({ columns, recipe }) {
  const kinds = ['baseline', 'standard', 'robust', ...(recipeOf(recipe).original ? ['real'] : [])]
  return kinds.flatMap(kind => columns.filter(column => column.kind === kind))
}

function rowNames(exhibit) {
  return ordered(exhibit).map(({ kind, name: own }) =>
    kind === 'standard' ? 'by S' : kind === 'robust' ? 'by R' : own,
  )
}

async function writePicture(recipe, folder, exhibit) {
  const sheets = []
  for (const { key } of ordered(exhibit)) {
    const path = join(folder, `${key.replaceAll(' ', '-')}.png`)
    const { width, height } = await sharp(path).metadata()
    const rows = Math.ceil(exhibit.pictures / 8)
    const side = (height - 2 * (rows - 1)) / rows
    sheets.push({
      input: await sharp(path).extract({ left: 0, top: 0, width, height: side }).toBuffer(),
      width,
      side,
    })
  }
  const { width, side } = sheets[0]
  const gap = 4
  const labels = rowNames(exhibit).map(
    (text, i) =>
      `<text x="${LABEL - 10}" y="${i * (side + gap) + side / 2 + 5}" text-anchor="end">${text}</text>`,
  )
  const height = sheets.length * (side + gap) - gap
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${LABEL}" height="${height}" font-family="Helvetica, Arial, sans-serif" font-size="14" fill="#444">${labels.join('')}</svg>`
  await sharp({ create: { width: LABEL + width, height, channels: 3, background: '#fff' } })
    .composite([
      { input: Buffer.from(svg), left: 0, top: 0 },
      ...sheets.map(({ input }, i) => ({ input, left: LABEL, top: i * (side + gap) })),
    ])
    .webp({ quality: 85 })
    .toFile(`docs/images/synthesis-${name}-${recipe}.webp`)
}
