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
h1, .kicker, .lede { overflow-wrap: anywhere; }
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
section > details + details { margin-top: 0 !important; }
section.broad > .text { float: none; width: auto; } section.broad > :not(.text) { margin-left: 0; }
section.broad > .text p { max-width: 46em; }
figure { margin: 0; }
figure svg { display: block; max-width: 100%; height: auto; overflow: visible; }
.seeds svg + svg { margin-top: 16px; }
figcaption { color: var(--muted); font-size: 13.5px; line-height: 1.5; margin-top: 8px; max-width: 54em; }
figure h3 { margin-bottom: 10px; }
.decisions { margin: 18px 0 12px; font-size: 14px; }
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
.answers { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: 22px 48px; margin-bottom: 14px; }
.answers article { border-top: 2px solid var(--ink); padding-top: 10px; }
.answers .kicker { display: flex; justify-content: space-between; align-items: center; }
.answers h3 { font-size: 18px; line-height: 1.3; margin: 2px 0 8px; }
.answers figure { margin: 8px 0 10px; }
.answers .found { font-size: 15px; margin: 0; }
.answers + .note { margin-bottom: 44px; }
.contents { border-top: 1px solid var(--faint); padding: 14px 0 16px; font-size: 14px; }
.contents ul { list-style: none; margin: 0; padding: 0; columns: 3; column-gap: 28px; }
.contents li { padding: 2px 0; }
.contents a, .kicker a, .claim a, .units a, .numbers th a { text-decoration-color: var(--faint); text-underline-offset: 3px; }
.contents a:hover, .kicker a:hover, .claim a:hover, .units a:hover, .numbers th a:hover { text-decoration-color: currentColor; }
.findings td:first-child { width: 148px; }
.findings .claim { font-weight: 600; display: block; }
.findings .num { font-weight: 600; }
.findings .num small { display: block; font-weight: 400; white-space: normal; }
.findings th:nth-child(n+3) { width: 146px; }
.verdict { display: inline-block; border: 1px solid currentColor; border-radius: 4px; padding: 1px 8px;
  font-size: 13px; font-weight: 600; white-space: nowrap; }
.verdict.reproduced { color: var(--good); }
.verdict.reversed { color: var(--bad); }
.verdict.not-at-this-size { color: var(--open); }
.verdict { background: color-mix(in srgb, currentColor 8%, transparent); }

.units { table-layout: fixed; } .units th:first-child { width: 56px; } .units td { padding: 8px 18px 8px 0; }
.units th[scope=row] { border-top: 1px solid var(--faint); padding-top: 8px; vertical-align: top; }
.strip { width: 100%; max-width: 506px; height: auto; margin-bottom: 4px; }
.wide { overflow-x: auto; }
.causal tr:first-child th:last-child { width: 40%; } .causal td:last-child, .causal tr:first-child th:last-child { padding-left: 10px; }
.units-shown { display: grid; grid-template-columns: repeat(auto-fill, minmax(300px, 1fr)); gap: 16px 24px; }
main > .pair + .note { margin: 10px 0 0; }
main > .pair + h2, main > h2:not(:first-child) { margin-top: 40px; }
.facts { margin: 26px 0 40px; table-layout: fixed; } .facts td { white-space: normal; }
.facts th[scope=row] { font-weight: 400; font-size: inherit; } .facts thead th:first-child { width: 40%; }
.pair { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: 28px; }
img { display: block; image-rendering: pixelated; }
.who { display: flex; gap: 16px; margin-bottom: 10px; } .who h2 { margin: 0 0 4px; }
.portrait { width: 128px; height: 128px; flex: none; border-radius: 4px; margin: 0; }
.portrait.none { display: grid; place-items: center; text-align: center; padding: 12px; }
.portrait, .tiles img { image-rendering: auto; }
.tiles { display: flex; flex-wrap: wrap; gap: 4px; }
.tiles a, .tiles img, .tiles .none { display: block; width: 46px; height: 46px; border-radius: 2px; }
.tiles a:hover { outline: 2px solid var(--ink); }
.none { display: block; border: 1px dashed var(--faint); }
.gallery { table-layout: fixed; } .gallery th:first-child { width: 64px; }
.gallery th[scope=row] { border-top: 1px solid var(--faint); padding-top: 11px; vertical-align: top; }
.gallery .tiles { display: grid; grid-template-columns: repeat(8, minmax(0, 1fr)); gap: 3px; }
.gallery .tiles a, .gallery .tiles img, .gallery .tiles .none { width: 100%; height: auto; aspect-ratio: 1; }
.ramp { font-size: 13px; margin: 4px 0 0 42px; }
.ramp i { display: inline-block; width: 110px; height: 9px; margin: 0 4px; background: linear-gradient(90deg, transparent, currentColor);
  border: 1px solid var(--faint); }
.filters img { width: 100%; max-width: 368px; height: auto; }
.samples { display: grid; grid-template-columns: repeat(auto-fill, minmax(104px, 1fr)); gap: 20px 16px;
  list-style: none; margin: 0; padding: 0; font-size: 13px; line-height: 1.4; }
.samples img { width: 100%; max-width: 128px; height: auto; border-radius: 3px; }
.samples .cues { color: var(--muted); display: block; margin: 5px 0 2px; }
.samples span { display: block; } .samples small { font-size: inherit; }
.examples td, .examples th { text-align: left; font-size: 13px; line-height: 1.35; }
.examples td { padding-right: 10px; }
.examples img { width: 92px; height: 92px; border-radius: 3px; margin-bottom: 5px; }
.settings dl { display: grid; grid-template-columns: 130px minmax(0, 1fr); gap: 5px 18px; margin: 0; font-size: 14px; }
.settings dt { color: var(--muted); }
.settings dd { margin: 0; overflow-wrap: anywhere; }
details { border-top: 1px solid var(--faint); padding: 8px 0; }
summary { cursor: pointer; font-weight: 600; font-size: 15px; }
details pre { margin-top: 10px; }
code, pre { font: 12.5px/1.5 ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace; }
pre { background: var(--raised); border-radius: 5px; padding: 14px 16px; margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; }
footer { border-top: 1px solid var(--faint); padding-top: 18px; }

@media screen and (max-width: 1040px) {
  section > .text { float: none; width: auto; }
  section > :not(.text) { margin-left: 0; }
  section > .text + :not(.text) { margin-top: 18px; }
  section > .text p { max-width: 46em; } section > .text .decisions { max-width: 420px; }
}
@media screen and (max-width: 780px) {
  body { padding: 28px 20px 48px; }
  h1 { font-size: 28px; }
  .pair, .answers { grid-template-columns: minmax(0, 1fr); }
  .contents ul { columns: 1; }
  figure, .wide { overflow-x: auto; --edge: color-mix(in srgb, var(--ink) 16%, transparent); --cover: var(--paper) 40%, transparent;
    background: linear-gradient(90deg, var(--cover)) 0 0 / 36px 100% no-repeat local,
      linear-gradient(270deg, var(--cover)) 100% 0 / 36px 100% no-repeat local,
      linear-gradient(90deg, var(--edge), transparent) 0 0 / 10px 100% no-repeat,
      linear-gradient(270deg, var(--edge), transparent) 100% 0 / 10px 100% no-repeat; }
  .gallery .tiles { grid-template-columns: repeat(4, minmax(0, 1fr)); } .gallery th:first-child { width: 52px; }
  figure > svg { width: 560px; max-width: none; }
  .answers figure > svg { width: 100%; }
}
@media screen and (max-width: 560px) {
  .findings, .findings tbody { display: block; } .findings thead { display: none; }
  .findings tr { display: grid; grid-template-columns: 1fr 1fr; gap: 6px 16px; border-top: 1px solid var(--faint); padding: 12px 0; }
  .findings td { border: 0; padding: 0; }
  .findings td:not(.num) { grid-column: 1 / 3; width: auto; }
  .findings .num::before { content: attr(data-name) ' '; }
  .facts td { padding-right: 8px; } .facts thead th:first-child { width: 36%; } .causal { min-width: 640px; }
  .settings dl { grid-template-columns: minmax(0, 1fr); gap: 0; } .settings dd { margin-bottom: 8px; }
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
  figure, figcaption, tr, .samples li, dl, .answers article { break-inside: avoid; }
  .contents, nav { display: none; }
  .findings { font-size: 9.5pt; } .findings td:first-child { width: 106px; } .findings th:nth-child(n+3) { width: 92px; }
  .answers { gap: 14pt 22pt; } .answers h3 { font-size: 12pt; } .answers .found { font-size: 9.5pt; }
  .tiles a, .tiles img, .tiles .none { width: 34px; height: 34px; }
  details::details-content { content-visibility: visible; block-size: auto; }
  details pre { columns: 2; }
  h2, h3 { break-after: avoid; }
  table { font-size: 9.5pt; }
  small, .note, figcaption { font-size: 9pt; }
  .samples { grid-template-columns: repeat(6, 1fr); gap: 10pt 9pt; font-size: 8pt; }
  .examples img { width: 62px; height: 62px; }
  .examples td, .examples th { font-size: 8pt; }
  details { border-top: 1px solid var(--faint); padding: 8px 0; }
summary { cursor: pointer; font-weight: 600; font-size: 15px; }
details pre { margin-top: 10px; }
code, pre { font-size: 8.5pt; }
}
`
