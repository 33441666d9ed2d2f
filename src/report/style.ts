// The report's style sheet: one column of margin notes, one of figures on a screen; one column on A4.

import { theme } from './theme.ts'

export const css = `
:root { color-scheme: light dark; --paper: #fff; --ink: #1b1f24; --muted: #5b6470; --faint: #d9dde2; --raised: #f6f7f8;
  --standard: #b8500b; --robust: #0b62a4; --good: #17683a; --bad: #8a1c4a; --open: #4f5863; }
@media screen and (prefers-color-scheme: dark) {
  :root { --paper: #14171b; --ink: #e7eaee; --muted: #a2abb6; --faint: #343b43; --raised: #1d2126;
    --standard: #f0975a; --robust: #6cb4ee; --good: #74d29c; --bad: #f08fb6; --open: #b3bcc7; }
}
* { box-sizing: border-box; }
html { background: var(--paper); color: var(--ink); font: 16px/1.55 ${theme.font}; -webkit-text-size-adjust: 100%; }
body { max-width: 1120px; margin: 0 auto; padding: 56px 40px 80px; }
h1 { font-size: 37px; line-height: 1.2; letter-spacing: -.015em; font-weight: 680; max-width: 26em;
  margin: 10px 0 22px; text-wrap: balance; }
h2 { font-size: 21px; line-height: 1.25; letter-spacing: -.008em; margin: 0 0 10px; text-wrap: balance; }
h3 { font-size: 15px; margin: 0 0 8px; }
p { margin: 0 0 10px; }
a { color: inherit; }
small, .note { color: var(--muted); font-size: 13.5px; line-height: 1.5; }
.kicker { color: var(--muted); font-size: 14px; letter-spacing: .02em; margin: 0; }
.standard { color: var(--standard); } .robust { color: var(--robust); }
b.standard, b.robust { font-weight: 650; white-space: nowrap; }
.lede { font-size: 17.5px; max-width: 46em; margin-bottom: 30px; }
.num { font-variant-numeric: tabular-nums; white-space: nowrap; }

section { display: flow-root; border-top: 1px solid var(--faint); padding: 30px 0 38px; }
section > .text { float: left; width: 264px; }
section > :not(.text) { margin-left: 312px; }
section > * + :not(.text) + :not(.text) { margin-top: 32px; }
figure { margin: 0; }
figure svg { display: block; max-width: 100%; height: auto; overflow: visible; }
figcaption { color: var(--muted); font-size: 13.5px; line-height: 1.5; margin-top: 8px; max-width: 54em; }
figure h3 { margin-bottom: 10px; }
.decisions { margin-top: 18px; font-size: 14px; }
.decisions td { padding: 5px 10px 5px 0; }
.decisions th { padding: 0 10px 5px 0; }

table { border-collapse: collapse; width: 100%; font-size: 15px; line-height: 1.45; }
th { text-align: left; font-weight: 600; font-size: 13.5px; color: var(--muted); padding: 0 14px 8px 0; vertical-align: bottom; }
td { border-top: 1px solid var(--faint); padding: 11px 14px 11px 0; vertical-align: top; }
th:last-child, td:last-child { padding-right: 0; }
.numbers th[scope=colgroup] { text-align: center; }
.numbers th[scope=row] { color: var(--ink); border-top: 1px solid var(--faint); padding: 6px 14px 6px 0; vertical-align: baseline; }
.numbers td { padding: 6px 14px 6px 0; vertical-align: baseline; }
.numbers .total td, .numbers .total th { border-top-color: var(--muted); font-weight: 600; }
.findings td:first-child { width: 148px; }
.findings .claim { font-weight: 600; display: block; }
.findings .num { font-weight: 600; }
.findings .num small { display: block; font-weight: 400; }
.verdict { display: inline-block; border: 1px solid currentColor; border-radius: 4px; padding: 1px 8px;
  font-size: 13px; font-weight: 600; white-space: nowrap; }
.verdict.reproduced { color: var(--good); }
.verdict.reversed { color: var(--bad); }
.verdict.not-at-this-size { color: var(--open); }
.verdict { background: color-mix(in srgb, currentColor 8%, transparent); }

.units { table-layout: fixed; } .units th:first-child { width: 56px; } .units td { padding: 8px 18px 8px 0; }
.units th[scope=row] { border-top: 1px solid var(--faint); padding-top: 8px; vertical-align: top; }
.strip { width: 100%; max-width: 394px; height: auto; margin-bottom: 4px; }
.facts { margin-top: 22px; max-width: 820px; }
.pair { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: 28px; }
img { display: block; image-rendering: pixelated; }
.seen { display: flex; gap: 8px; align-items: flex-start; }
.seen .strip { flex: 0 1 394px; min-width: 0; }
.portrait, .seen .none { width: 96px; height: 96px; flex: none; border-radius: 3px; }
.tiles { display: flex; flex-wrap: wrap; gap: 4px; }
.tiles a, .tiles img, .tiles .none { display: block; width: 46px; height: 46px; border-radius: 2px; }
.tiles a:hover { outline: 2px solid var(--ink); }
.none { display: block; border: 1px dashed var(--faint); }
.gallery th[scope=row] { border-top: 1px solid var(--faint); width: 64px; padding-top: 11px; vertical-align: top; }
.gallery .tiles { flex-wrap: nowrap; gap: 3px; } .gallery .tiles > * { flex: 0 1 40px; min-width: 0; height: auto; aspect-ratio: 1; }
.gallery .tiles img, .gallery .tiles .none { width: 100%; height: auto; aspect-ratio: 1; }
.ramp { font-size: 13px; margin: 4px 0 0 42px; }
.ramp i { display: inline-block; width: 110px; height: 9px; margin: 0 4px; background: linear-gradient(90deg, transparent, currentColor);
  border: 1px solid var(--faint); }
.filters img { width: 100%; max-width: 368px; height: auto; }
.samples { display: grid; grid-template-columns: repeat(auto-fill, minmax(104px, 1fr)); gap: 20px 16px;
  list-style: none; margin: 0; padding: 0; font-size: 13px; line-height: 1.4; }
.samples img { width: 100%; max-width: 128px; height: auto; border-radius: 3px; }
.samples .cues { color: var(--muted); display: block; margin: 5px 0 2px; }
.samples span { display: block; }
.examples td, .examples th { text-align: left; font-size: 13px; line-height: 1.35; }
.examples td { padding-right: 10px; }
.examples img { width: 92px; height: 92px; border-radius: 3px; margin-bottom: 5px; }
.settings dl { display: grid; grid-template-columns: 130px minmax(0, 1fr); gap: 5px 18px; margin: 0; font-size: 14px; }
.settings dt { color: var(--muted); }
.settings dd { margin: 0; overflow-wrap: anywhere; }
code, pre { font: 12.5px/1.5 ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace; }
pre { background: var(--raised); border-radius: 5px; padding: 14px 16px; margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; }
footer { border-top: 1px solid var(--faint); padding-top: 18px; }

@media (max-width: 860px) {
  body { padding: 28px 20px 48px; }
  h1 { font-size: 28px; }
  section > .text { float: none; width: auto; }
  section > :not(.text) { margin-left: 0; }
  section > .text + :not(.text) { margin-top: 18px; }
  .pair { grid-template-columns: minmax(0, 1fr); }
}
@page { size: A4; margin: 16mm 15mm; }
@media print {
  html { font-size: 10.5pt; line-height: 1.45; -webkit-print-color-adjust: exact; print-color-adjust: exact; }
  body { max-width: none; padding: 0; }
  h1 { font-size: 21pt; margin: 4pt 0 12pt; }
  h2 { font-size: 13pt; }
  .lede { font-size: 11.5pt; }
  section { padding: 14pt 0 10pt; }
  section > .text { float: none; width: auto; }
  section > :not(.text) { margin-left: 0; }
  section > * + :not(.text) { margin-top: 12pt; }
  section > .text { break-after: avoid; break-inside: avoid; }
  figure, tr, .samples li, dl, pre { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
  table { font-size: 9.5pt; }
  small, .note, figcaption { font-size: 9pt; }
  .samples { grid-template-columns: repeat(6, 1fr); gap: 10pt 9pt; font-size: 8pt; }
  .examples img { width: 62px; height: 62px; }
  .examples td, .examples th { font-size: 8pt; }
  code, pre { font-size: 8.5pt; }
}
`
