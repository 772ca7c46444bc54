// Key statements (重点标注) in a text: half-open ranges counted in Unicode scalar values, sorted, not overlapping.
// The webview counts in UTF-16, so every crossing of the border goes through here.

/** `[start, end)` in Unicode scalar values. */
export type Mark = [start: number, end: number]

/** Value of a field of kind `marked`. */
export interface Marked {
  text: string
  marks: Mark[]
}

/** A stretch of text that is marked or not. */
export interface Stretch {
  text: string
  marked: boolean
}

/** Whatever the record holds, as marked text; a plain string has no marks. */
export function asMarked(value: unknown): Marked {
  if (typeof value === 'string') return { text: value, marks: [] }
  if (typeof value !== 'object' || value === null) return { text: '', marks: [] }
  const { text, marks } = value as { text?: unknown; marks?: unknown }
  const whole = typeof text === 'string' ? text : ''
  const ranges = Array.isArray(marks) ? marks.filter(isRange) : []
  return { text: whole, marks: tidy(ranges, scalars(whole).length) }
}

function isRange(value: unknown): value is Mark {
  return Array.isArray(value) && value.length === 2 && value.every((n) => Number.isInteger(n))
}

function scalars(text: string): string[] {
  return Array.from(text)
}

/** Position in UTF-16 units → position in scalar values. */
export function scalarIndex(text: string, unit: number): number {
  return scalars(text.slice(0, unit)).length
}

/** Sorted, joined where they touch, cut at the text's end, empty ones gone. */
export function tidy(marks: Mark[], length: number): Mark[] {
  const out: Mark[] = []
  const sorted = marks
    .map(([s, e]): Mark => [Math.max(0, s), Math.min(length, e)])
    .filter(([s, e]) => s < e)
    .sort((a, b) => a[0] - b[0])
  for (const [start, end] of sorted) {
    const last = out.at(-1)
    if (last && start <= last[1]) last[1] = Math.max(last[1], end)
    else out.push([start, end])
  }
  return out
}

/** Marks the range, or takes the mark off it where all of it is marked. An empty range unmarks what it stands in. */
export function toggleMark(marks: Mark[], start: number, end: number): Mark[] {
  if (start === end) return marks.filter(([s, e]) => !(s <= start && start < e))
  if (!marks.some(([s, e]) => s <= start && end <= e)) return tidy([...marks, [start, end]], Infinity)
  return marks.flatMap(([s, e]): Mark[] => {
    if (e <= start || end <= s) return [[s, e]]
    const left: Mark = [s, start]
    const right: Mark = [end, e]
    return [left, right].filter(([a, b]) => a < b)
  })
}

/** An edit: `before[from..to)` became `after[from..until)`, in scalar values. */
interface Edit {
  from: number
  to: number
  until: number
}

/** The edit that leaves `tail` characters at the end alone, and as many at the beginning as it can. */
function editBefore(before: string[], after: string[], tail: number): Edit {
  const most = Math.min(before.length, after.length) - tail
  let from = 0
  while (from < most && before[from] === after[from]) from++
  return { from, to: before.length - tail, until: after.length - tail }
}

function difference(before: string[], after: string[], caret: number): Edit {
  const most = Math.min(before.length, after.length)
  let same = 0
  while (same < most && before[before.length - 1 - same] === after[after.length - 1 - same]) same++
  const least = editBefore(before, after, same)
  // The caret stands behind what was just entered. That decides between equal characters: in 「好好」 the second 好
  // may be the new one or the first. An undo puts the caret elsewhere: then the smallest edit is taken.
  const tail = after.length - caret
  if (tail < 0 || tail > same) return least
  const atCaret = editBefore(before, after, tail)
  const size = (edit: Edit) => edit.to + edit.until - 2 * edit.from
  return size(atCaret) <= size(least) ? atCaret : least
}

/**
 * The marks after the text was edited: ranges behind the edit move, an edit within a range stays in it, what is
 * typed at its border does not join it, and a range whose text is gone goes too. `caret` is in UTF-16 units.
 */
export function shiftMarks(before: string, after: string, marks: Mark[], caret = after.length): Mark[] {
  if (marks.length === 0 || before === after) return marks
  const old = scalars(before)
  const now = scalars(after)
  const { from, to, until } = difference(old, now, scalarIndex(after, caret))
  const delta = until - to
  const moved = marks.map(([s, e]): Mark => {
    const replacedWithin = from < to && s <= from && to <= e
    if (replacedWithin) return [s, e + delta]
    const start = s >= to ? s + delta : s <= from ? s : until
    const end = e <= from ? e : e >= to ? e + delta : from
    return [start, end]
  })
  return tidy(moved, now.length)
}

/** The text cut into marked and unmarked stretches, in order. */
export function stretches({ text, marks }: Marked): Stretch[] {
  const all = scalars(text)
  const out: Stretch[] = []
  let at = 0
  const push = (end: number, marked: boolean) => {
    if (end > at) out.push({ text: all.slice(at, end).join(''), marked })
    at = Math.max(at, end)
  }
  for (const [start, end] of tidy(marks, all.length)) {
    push(start, false)
    push(end, true)
  }
  push(all.length, false)
  return out
}
