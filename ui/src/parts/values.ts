// Values of fields as the record keeps them (shapes: FieldKind in the domain's template) and as people read them.
import type { CodeItem, CodeLists, Field } from '@/bridge/generated/types'
import { asMarked } from './marks'
import { showMoment } from './moment'

/** Field key → value. */
export type Values = Record<string, unknown>

/** Whether a value counts as not filled in; the same rule as the domain's. */
export function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined) return true
  if (typeof value === 'string') return value.trim() === ''
  if (Array.isArray(value)) return value.length === 0
  if (typeof value === 'object')
    return 'text' in value ? isEmpty(value.text) : Object.keys(value).length === 0
  return false
}

/** The values that are filled in: what goes over the wire. */
export function filled(values: Values): Values {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => !isEmpty(value)))
}

/** Whether two values say the same; members of objects may stand in any order. */
export function same(a: unknown, b: unknown): boolean {
  return canonical(a) === canonical(b)
}

function canonical(value: unknown): string {
  if (isEmpty(value)) return 'null'
  return JSON.stringify(value, (_, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  )
}

/** Options of a choice field. */
export function optionsOf(field: Field, codes: CodeLists): CodeItem[] {
  return codes[field.list ?? '']?.items ?? []
}

/** Label of an option; an unknown code is shown as it is rather than lost. */
export function labelOf(field: Field, codes: CodeLists, code: string): string {
  return optionsOf(field, codes).find((o) => o.code === code)?.label ?? code
}

/** Codes chosen in a value of any of the choice kinds. */
export function chosenIn(value: unknown): string[] {
  if (typeof value === 'string') return value === '' ? [] : [value]
  if (Array.isArray(value)) return value.filter((code) => typeof code === 'string')
  return typeof value === 'object' && value !== null ? Object.keys(value) : []
}

/** Fen as yuan: `12050` → `120.50`. */
export function showMoney(fen: number): string {
  return (fen / 100).toFixed(2)
}

/** Bytes in the unit people use. */
export function showSize(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`
  return bytes < 1024 * 1024 ? `${Math.ceil(bytes / 1024)} KB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`
}

/** A value as one run of text, for reading; `words` gives 是 and 否. */
export function valueText(
  field: Field,
  codes: CodeLists,
  value: unknown,
  words: { yes: string; no: string },
): string {
  if (isEmpty(value)) return ''
  switch (field.kind) {
    case 'marked':
      return asMarked(value).text
    case 'flag':
      return value === true ? words.yes : words.no
    case 'datetime':
      return typeof value === 'string' ? showMoment(value) : String(value)
    case 'money':
      return typeof value === 'number' ? showMoney(value) : String(value)
    case 'size':
      return typeof value === 'number' ? showSize(value) : String(value)
    case 'choice':
    case 'choices':
      return chosenIn(value)
        .map((code) => labelOf(field, codes, code))
        .join('、')
    case 'dated':
      return Object.entries(value as Record<string, unknown>)
        .map(([code, at]) => `${labelOf(field, codes, code)}（${showMoment(String(at))}）`)
        .join('、')
    default:
      return typeof value === 'object' ? JSON.stringify(value) : String(value)
  }
}
