// What a correction changes, and how a change reads: the same words before saving and in the timeline.
import type { CodeLists, Field, FieldChange, Line } from '@/bridge/generated/types'
import { asMarked, stretches } from '@/parts/marks'
import { filled, isEmpty, same, showSize, valueText, type Values } from '@/parts/values'

/** Words needed to read values. */
export interface Words {
  yes: string
  no: string
}

/** Whether a field or column holds an id: it belongs to a name that stands beside it, and is nothing to read. */
export function isIdentity(key: string): boolean {
  return key.endsWith('_seat') || key === 'of' || key === 'merged_into'
}

/** Fields whose value differs, and those `settled` with the value they have, in the order of `keys`. */
export function changesBetween(
  before: Values,
  after: Values,
  keys: string[],
  settled: string[] = [],
): FieldChange[] {
  return keys
    .filter((key) => settled.includes(key) || !same(before[key], after[key]))
    .map((key) => ({ field: key, from: before[key] ?? null, to: isEmpty(after[key]) ? null : after[key] }))
}

/** Lines in which something was entered, by list; lists without any are left out. */
export function linesToAdd(added: Record<string, Values[]>): Record<string, Values[]> {
  const lists = Object.entries(added).map(([list, lines]) => [
    list,
    lines.map(filled).filter((line) => Object.keys(line).length > 0),
  ])
  return Object.fromEntries(lists.filter(([, lines]) => (lines?.length ?? 0) > 0)) as Record<string, Values[]>
}

/** Both sides of a change in words. Where only the marks of a text differ, the marked statements are compared. */
export function sides(
  field: Field | undefined,
  codes: CodeLists,
  change: FieldChange,
  words: Words,
): { from: string; to: string; marksOnly: boolean } {
  const plain = (value: unknown) =>
    isEmpty(value) ? '' : typeof value === 'string' ? value : JSON.stringify(value)
  if (!field) return { from: plain(change.from), to: plain(change.to), marksOnly: false }
  const [from, to] = [change.from, change.to].map((value) => valueText(field, codes, value, words))
  if (field.kind !== 'marked' || from !== to) return { from: from ?? '', to: to ?? '', marksOnly: false }
  const marked = (value: unknown) =>
    stretches(asMarked(value))
      .filter((part) => part.marked)
      .map((part) => part.text)
      .join(' / ')
  return { from: marked(change.from), to: marked(change.to), marksOnly: true }
}

/** A line in words: its filled columns in their order. */
export function lineText(list: Field | undefined, codes: CodeLists, values: Values, words: Words): string {
  const columns = (list?.columns ?? []).filter(({ key }) => !isIdentity(key))
  const known = columns.map((column) => valueText(column, codes, values[column.key], words))
  return known.filter((text) => text !== '').join(' · ') || fileText(values)
}

function fileText(values: Values): string {
  const { name, size } = values
  return [name, typeof size === 'number' ? showSize(size) : '']
    .filter((part) => typeof part === 'string' && part)
    .join(' · ')
}

/** The list that a line belongs to, judged by its columns: a struck line comes without the name of its list. */
export function listOf(lists: Field[], line: Line): Field | undefined {
  const keys = Object.keys(line.values)
  return lists.find((list) => keys.every((key) => list.columns?.some((column) => column.key === key)))
}
