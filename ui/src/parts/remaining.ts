// How long until a clock is due, in words that grow coarser with the distance: nobody reads seconds of a week.

type Translate = (key: string, named: Record<string, unknown>) => string

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
/** Below this the seconds count, too. */
const CLOSE = 5 * MINUTE

/** A length of time in words: `2 天 3 小时`, `1 小时 20 分`, `4 分 30 秒`. */
export function spanWords(span: number, t: Translate): string {
  const days = Math.floor(span / DAY)
  const hours = Math.floor(span / HOUR) % 24
  const minutes = Math.floor(span / MINUTE) % 60
  const seconds = Math.floor(span / 1000) % 60
  if (days > 0) return t(hours ? 'course.span.daysHours' : 'course.span.days', { days, hours })
  if (hours > 0) return t(minutes ? 'course.span.hoursMinutes' : 'course.span.hours', { hours, minutes })
  if (span >= CLOSE || (minutes > 0 && seconds === 0)) return t('course.span.minutes', { minutes })
  return t(minutes > 0 ? 'course.span.minutesSeconds' : 'course.span.seconds', { minutes, seconds })
}

/** What is left until `due`, or how long ago it was: `剩 1 小时 20 分`, `超 35 分`. */
export function remaining(due: string, now: number, t: Translate): { late: boolean; words: string } {
  const left = Date.parse(due) - now
  const late = left <= 0
  // Lateness is told in whole minutes, begun ones counted, so that it never says 超 0 秒.
  const span = late ? Math.max(MINUTE, Math.ceil(-left / MINUTE) * MINUTE) : left
  return { late, words: t(late ? 'course.clock.late' : 'course.clock.left', { span: spanWords(span, t) }) }
}
