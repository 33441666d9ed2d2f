// HTML as text, safely: everything that goes through the `html` tag is escaped unless it is Html already.

/** Text that is HTML. Made by {@link html} and {@link raw} only. */
export class Html {
  constructor(readonly text: string) {}
}

type Content = Html | string | number | undefined | readonly Content[]

/** `html\`<p>${name}</p>\`` escapes `name`; Html goes in as it is, lists are joined, undefined is nothing. */
export function html(parts: TemplateStringsArray, ...values: readonly Content[]): Html {
  return new Html(parts.map((part, i) => part + (i < values.length ? render(values[i]) : '')).join(''))
}

/** Marks `text` as HTML, unescaped: only for what this package made itself. */
export function raw(text: string): Html {
  return new Html(text)
}

function render(value: Content): string {
  if (value === undefined) return ''
  if (value instanceof Html) return value.text
  if (typeof value === 'string' || typeof value === 'number') return escapeHtml(String(value))
  return value.map(render).join('')
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** `text` for use between tags and in quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, character => entities[character] ?? character)
}

/** An `<img>` source holding the picture itself: a PNG, or WebP where its name ends so. */
export function imageSource(name: string, bytes: Uint8Array): string {
  let characters = ''
  for (const byte of bytes) characters += String.fromCharCode(byte)
  return `data:image/${name.endsWith('.webp') ? 'webp' : 'png'};base64,${btoa(characters)}`
}
