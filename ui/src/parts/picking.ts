// Picking options by key: by place (digits) and by the first letters of their pinyin.
import type { CodeItem } from '@/bridge/generated/types'

/** How long the letters of one word may be apart, in milliseconds. */
export const LETTER_PAUSE = 900

/** Key that picks the option at `index`: 1…9, 0 for the tenth; further ones go by their letters. */
export function digitOf(index: number): string {
  return index < 9 ? String(index + 1) : index === 9 ? '0' : ''
}

/** Index picked by a digit key; -1 if the key is none or there is no such option. */
export function byDigit(key: string, length: number): number {
  if (!/^[0-9]$/.test(key)) return -1
  const index = key === '0' ? 9 : Number(key) - 1
  return index < length ? index : -1
}

/** Index picked by the letters typed so far: the option spelt so, else the first that begins so; -1 if none. */
export function byLetters(options: CodeItem[], typed: string): number {
  const letters = typed.toLowerCase()
  const exact = options.findIndex((o) => o.initials === letters)
  return exact >= 0 ? exact : options.findIndex((o) => o.initials.startsWith(letters))
}

/** Options to offer: those in use, and a retired one only where it is already chosen. */
export function offered(items: CodeItem[], chosen: string[]): CodeItem[] {
  const known = items.filter((o) => !o.retired || chosen.includes(o.code))
  // A code of a newer version has no label here; it stays visible rather than vanish when the field is touched.
  const strangers = chosen.filter((code) => !items.some((o) => o.code === code))
  return [...known, ...strangers.map((code) => ({ code, label: code, initials: code }))]
}
