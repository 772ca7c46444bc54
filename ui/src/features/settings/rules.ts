// Rule sets while they are edited: words of their codes, limits in parts, and what stands in the way of saving, with its
// place as the desk names it (`clocks[2].limit`).
import type { CalendarData, Clock, Condition, FieldError, RuleSet, Week } from '@/bridge/generated/types'
import { told, t } from '@/locales'

export const units = [
  'natural_minutes',
  'working_minutes',
  'working_days',
  'calendar_days',
  'same_day',
  'field',
] as const
export type Unit = (typeof units)[number]

export const clockKinds = ['response', 'answer', 'start', 'done', 'promise', 'next_contact', 'statutory']
export const events = [
  'received',
  'registered',
  'responded',
  'settled',
  'passed_on',
  'dispatched',
  'accepted',
  'started',
  'answered',
  'done',
  'informed',
  'goods_returned',
  'refunded',
]
/** Fields that name a moment somebody promised. */
export const momentFields = ['handling.promised_at', 'handling.next_contact_at', 'reply_by']
export const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const satisfies (keyof Week)[]
/** Lists of a condition, with the code list of each. */
export const conditionLists = {
  kinds: 'kind',
  categories: 'category',
  severities: 'severity',
  channels: 'channel',
  demands: 'demand',
} as const satisfies Partial<Record<keyof Condition, string>>

/** An object without one of its members. */
export function without<T extends object, K extends keyof T>(from: T, key: K): Omit<T, K> {
  const rest: Partial<T> = { ...from }
  delete rest[key]
  return rest as Omit<T, K>
}

/** Words of a code; one of a newer version is shown as it is. */
export const wordOf = (room: string, code: string): string =>
  told(`rules.${room}.${code}`) ? t(`rules.${room}.${code}`) : code

/** A limit as unit and amount; `unit` is empty where a newer version invented it. */
export function limitParts(limit: unknown): { unit: Unit | ''; amount: number; field: string } {
  if (limit === 'same_day') return { unit: 'same_day', amount: 0, field: '' }
  const [entry, ...more] = typeof limit === 'object' && limit !== null ? Object.entries(limit) : []
  if (!entry || more.length > 0) return { unit: '', amount: 0, field: '' }
  const [unit, value] = entry
  if (unit === 'field' && typeof value === 'string') return { unit, amount: 0, field: value }
  const known = (units as readonly string[]).includes(unit) && typeof value === 'number'
  return { unit: known ? (unit as Unit) : '', amount: known ? (value as number) : 0, field: '' }
}

/** A limit of these parts. */
export function limitOf(unit: Unit, amount: number, field: string): unknown {
  if (unit === 'same_day') return 'same_day'
  return { [unit]: unit === 'field' ? field || momentFields[0] : amount }
}

/** A limit in words. */
export function limitWords(limit: unknown): string {
  const { unit, amount, field } = limitParts(limit)
  if (!unit) return t('rules.limit.unknown')
  return t(`rules.limit.${unit}`, { n: amount, field: wordOf('field', field) })
}

const wholeCalendar = (calendar: CalendarData): CalendarData => ({
  ...calendar,
  zone: calendar.zone ?? 480,
  holidays: calendar.holidays ?? true,
})

/** A rule set as files have it, with what they leave out because it is usual. */
export function whole(set: Partial<RuleSet> & Pick<RuleSet, 'calendars'>, base: RuleSet): RuleSet {
  const departments = Object.entries(set.calendars.departments ?? {})
  return {
    ...base,
    ...set,
    clocks: (set.clocks ?? []).map((clock) => ({
      ...clock,
      when: clock.when ?? {},
      stops: clock.stops ?? [],
      day_end: clock.day_end ?? 'midnight',
    })),
    routing: (set.routing ?? []).map((route) => ({
      ...route,
      when: route.when ?? {},
      hours: route.hours ?? 'any',
    })),
    calendars: {
      ...set.calendars,
      default: wholeCalendar(set.calendars.default),
      ...(departments.length && {
        departments: Object.fromEntries(departments.map(([name, data]) => [name, wholeCalendar(data)])),
      }),
    },
  }
}

/** A clock that is not there yet. */
export const newClock = (statutory: boolean): Clock => ({
  id: `c${Date.now().toString(36)}`,
  kind: statutory ? 'statutory' : 'done',
  name: '',
  when: {},
  starts: 'received',
  stops: ['informed'],
  limit: { working_days: 1 },
  day_end: 'closing',
})

/** Opening hours as typed, `08:30-12:00 13:00-17:30`, in the form the desk keeps; nothing: closed. */
export const hoursOf = (typed: string): string[] =>
  typed
    .normalize('NFKC')
    .replace(/\s*[-–—~]\s*/g, '-')
    .split(/[\s,、;；]+/)
    .filter(Boolean)
    .map((part) => part.replace(/(^|-)(\d):/g, '$10$2:'))

const interval = /^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$/

const badHours = (hours: string[]) =>
  hours.some((part) => {
    const [open, close] = part.split('-')
    return !interval.test(part) || open === close
  })

function calendarFaults(calendar: CalendarData, place: string): FieldError[] {
  const faults = weekdays
    .filter((day) => badHours(calendar.week[day] ?? []))
    .map((day) => fault(`${place}.week.${day}`, 'bad_hours'))
  const never = weekdays.every((day) => !calendar.week[day]?.length)
  return never ? [...faults, fault(`${place}.week`, 'never_open')] : faults
}

const fault = (field: string, detail: string): FieldError => ({ field, problem: 'wrong_kind', detail })

/** What stands in the way and can be seen without asking the desk, which checks all of it again. */
export function faultsOf(set: RuleSet): FieldError[] {
  const faults: FieldError[] = []
  const say = (bad: boolean, place: string, what: string) => bad && faults.push(fault(place, what))
  say(!set.name.trim(), 'name', 'empty')
  say(!/^\d{4}-\d\d-\d\d$/.test(set.effective_from), 'effective_from', 'empty')
  say(!set.approver.trim(), 'approver', 'empty')
  set.clocks.forEach((clock, at) => {
    const { unit, amount } = limitParts(clock.limit)
    say(!clock.name.trim(), `clocks[${at}].name`, 'empty')
    say(clock.stops.length === 0, `clocks[${at}].stops`, 'empty')
    say(!['same_day', 'field', ''].includes(unit) && !(amount > 0), `clocks[${at}].limit`, 'nought')
    say(set.line === 'statutory' && !clock.article?.trim(), `clocks[${at}].article`, 'no_article')
  })
  set.routing.forEach((route, at) => say(!route.department.trim(), `routing[${at}].department`, 'empty'))
  const shares = set.escalation.map((step) => step.percent ?? Infinity)
  say(
    shares.some((share, at) => at > 0 && share <= (shares[at - 1] ?? 0)),
    'escalation',
    'not_rising',
  )
  set.escalation.forEach((step, at) => say(step.roles.length === 0, `escalation[${at}].roles`, 'empty'))
  faults.push(...calendarFaults(set.calendars.default, 'calendars.default'))
  for (const [name, calendar] of Object.entries(set.calendars.departments ?? {})) {
    faults.push(...calendarFaults(calendar, `calendars.departments.${name}`))
  }
  return faults
}

/** Words of what is wrong with one place. */
export function faultWords({ problem, detail }: FieldError): string {
  const known = [detail, problem].find((code) => code && told(`rules.fault.${code}`))
  return t(`rules.fault.${known ?? 'other'}`)
}

/** The words of the first fault at a place or within it; empty where it is sound. */
export function faultAt(faults: FieldError[], place: string): string {
  const inside = (field: string) =>
    field === place || (field.startsWith(place) && /^[.[:]/.test(field.slice(place.length)))
  const found = faults.find((one) => inside(one.field))
  return found ? faultWords(found) : ''
}
