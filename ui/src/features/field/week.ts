// Days of the calendar, as the wire and as people write them.
import { rfc3339 } from '@/parts/moment'

/** `2026-11-09` of a date. */
export const dayOf = (at: Date): string => rfc3339(at).slice(0, 10)

/** The date so many days later, at noon: no change of clocks moves it to another day. */
export function plus(at: Date, days: number): Date {
  return new Date(at.getFullYear(), at.getMonth(), at.getDate() + days, 12)
}

/** Monday of the week of a date. */
export const monday = (at: Date): Date => plus(at, -((at.getDay() + 6) % 7))

/** The seven days from a Monday on. */
export const weekFrom = (first: Date): string[] =>
  Array.from({ length: 7 }, (_, nth) => dayOf(plus(first, nth)))

const NAMES = ['日', '一', '二', '三', '四', '五', '六']

/** `11-12 周四`. */
export function dayName(day: string): string {
  const at = new Date(`${day}T12:00:00`)
  return `${day.slice(5)} 周${NAMES[at.getDay()] ?? ''}`
}

/** The same time of the clock on another day, in the zone it was written in; an appointment without one begins at nine. */
export function onDay(kept: string, day: string): string {
  return kept ? `${day}${kept.slice(10)}` : rfc3339(new Date(`${day}T09:00:00`))
}

/** `09:00–10:30`, or the beginning alone. */
export const span = (from: string, until: string): string =>
  until ? `${from.slice(11, 16)}–${until.slice(11, 16)}` : from.slice(11, 16)
