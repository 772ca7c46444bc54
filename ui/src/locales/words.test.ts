// Guards that every word on screen is there, is Chinese, and stands in the locale files.
import { describe, expect, it } from 'vitest'
import { told, words } from '.'

const sources = import.meta.glob<string>(
  ['../**/*.{ts,vue}', '!../**/*.test.ts', '!../bridge/generated/**'],
  {
    eager: true,
    query: '?raw',
    import: 'default',
  },
)

const rooms = Object.keys(words)
// Keys that stand in the source as a whole; those put together at run time have tests of their own beside them.
const literal = new RegExp(`['\`]((?:${rooms.join('|')})\\.[A-Za-z_.]+[A-Za-z])['\`]`, 'g')

describe('words on screen', () => {
  it('are there for every key that the source names', () => {
    const missing = Object.entries(sources).flatMap(([path, source]) =>
      [...source.matchAll(literal)]
        .map((match) => match[1] ?? '')
        .filter((key) => !told(key))
        .map((key) => `${path}: ${key}`),
    )
    expect(missing).toEqual([])
  })

  it('stand in the locale files, not in the components', () => {
    const strayed = Object.entries(sources)
      .filter(([path]) => path.endsWith('.vue'))
      .filter(([, source]) => {
        const template = source.slice(source.indexOf('<template>')).replace(/<style[\s\S]*/, '')
        return /[一-龥]/.test(template.replace(/<!--[\s\S]*?-->/g, ''))
      })
      .map(([path]) => path)
    expect(strayed).toEqual([])
  })

  it('are Chinese, and read like one voice', () => {
    const flat = (part: unknown, path: string): [string, string][] =>
      typeof part === 'string'
        ? [[path, part]]
        : Object.entries(part as object).flatMap(([key, value]) => flat(value, `${path}.${key}`))
    const wrong = flat(words, 'zh').filter(
      ([, text]) =>
        // Half-width punctuation between Chinese characters, or whole English words that are no key or format.
        /[一-龥][,;:!?][一-龥]/.test(text) || (!/[一-龥{]/.test(text) && /[A-Za-z]{3,}/.test(text)),
    )
    expect(wrong).toEqual([])
  })
})
