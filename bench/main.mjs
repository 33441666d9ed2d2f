// npm run bench [-- NAME ...]: `ablation`, `attacks`, `compaction`, `corruptions`, `dissect` and `images` are scripts of their own; all else are cases of run.mjs.

const own = ['ablation', 'attacks', 'compaction', 'corruptions', 'dissect', 'images']
const [, , name] = process.argv
if (own.includes(name)) process.argv.splice(2, 1)
await import(own.includes(name) ? `./${name}.mjs` : './run.mjs')
