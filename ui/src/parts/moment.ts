// Days and moments as people type them in a hurry, and as the record keeps them: RFC 3339 with the local offset.

const two = (n: number) => String(n).padStart(2, '0')

/** A moment of this machine as the record keeps it, to the minute: `2026-11-02T08:41:00+08:00`. */
export function rfc3339(at: Date): string {
  const offset = -at.getTimezoneOffset()
  const sign = offset < 0 ? '-' : '+'
  const zone = `${sign}${two(Math.floor(Math.abs(offset) / 60))}:${two(Math.abs(offset) % 60)}`
  return `${isoDay(at)}T${two(at.getHours())}:${two(at.getMinutes())}:00${zone}`
}

function isoDay(at: Date): string {
  return `${String(at.getFullYear()).padStart(4, '0')}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
}

const KEPT = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2})(?::\d{2}(?:\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/

/** A kept moment as people read it, in the zone it was entered in; the offset is told where it is not the local one. */
export function showMoment(kept: string): string {
  const parts = KEPT.exec(kept)
  if (!parts) return kept
  const [, day, time, zone] = parts
  const at = new Date(kept)
  const local = Number.isNaN(at.getTime()) ? zone : rfc3339(at).slice(-6)
  return `${day} ${time}${zone === local || (zone === 'Z' && local === '+00:00') ? '' : ` ${zone}`}`
}

/** `08:41` of a moment, with the day before it where it is another day than `now`. */
export function showBriefly(kept: string, now: Date): string {
  const shown = showMoment(kept)
  if (shown.startsWith(isoDay(now))) return shown.slice(11)
  return shown.startsWith(String(now.getFullYear())) ? shown.slice(5) : shown
}

function plain(text: string): string {
  return text
    .trim()
    .replace(/[０-９：－＋．／]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0xfee0))
    .replace(/[\u3000\s]+/g, ' ')
}

const WORDS: Record<string, number> = { 大前天: -3, 前天: -2, 昨天: -1, 今天: 0, 明天: 1, 后天: 2, 大后天: 3 }

function dayOf(year: number, month: number, day: number): Date | null {
  const at = new Date(year, month - 1, day)
  const real = at.getFullYear() === year && at.getMonth() === month - 1 && at.getDate() === day
  return real && year >= 1900 ? at : null
}

/** A day without a year is the nearest one: in January 「12-30」 is last year's. */
function nearest(month: number, day: number, now: Date): Date | null {
  const years = [now.getFullYear(), now.getFullYear() - 1, now.getFullYear() + 1]
  const days = years.map((year) => dayOf(year, month, day)).filter((at) => at !== null)
  const far = (at: Date) => Math.abs(at.getTime() - now.getTime())
  return days.sort((a, b) => far(a) - far(b))[0] ?? null
}

function asDay(text: string, now: Date): Date | null {
  const word = WORDS[text]
  if (word !== undefined) return new Date(now.getFullYear(), now.getMonth(), now.getDate() + word)
  const full = /^(\d{4})(?:[-/.年](\d{1,2})[-/.月](\d{1,2})日?|(\d{2})(\d{2}))$/.exec(text)
  if (full) return dayOf(Number(full[1]), Number(full[2] ?? full[4]), Number(full[3] ?? full[5]))
  const short = /^(?:(\d{1,2})[-/.月](\d{1,2})[日号]?|(\d{2})(\d{2}))$/.exec(text)
  return short ? nearest(Number(short[1] ?? short[3]), Number(short[2] ?? short[4]), now) : null
}

function asTime(text: string): [number, number] | null {
  const parts =
    /^(上午|下午|晚上|早上|中午|凌晨)?(\d{1,2})(?:[:.点时](\d{1,2}|半)?分?(?::\d{2})?)$|^(\d{2})(\d{2})$/.exec(
      text,
    )
  if (!parts) return null
  const half = parts[1]
  let hour = Number(parts[2] ?? parts[4])
  const minute = parts[3] === '半' ? 30 : Number(parts[3] ?? parts[5] ?? 0)
  if ((half === '下午' || half === '晚上') && hour < 12) hour += 12
  if (half === '中午' && hour < 3) hour += 12
  return hour < 24 && minute < 60 ? [hour, minute] : null
}

/** A day as typed (`2026-11-02`, `1102`, `11月2日`, `昨天`) → `2026-11-02`; null if it is none. */
export function parseDay(text: string, now: Date): string | null {
  const at = asDay(plain(text), now)
  return at && isoDay(at)
}

/**
 * A moment as typed → RFC 3339 with the local offset; null if it is none. `2026-11-02 08:41`, `8:41`, `1102 0841`,
 * `昨天 15:30`, `-10` (ten minutes ago), `+30`, `现在`; a day alone means its beginning.
 */
export function parseMoment(text: string, now: Date): string | null {
  const typed = plain(text).replace(/^(\d{4}-\d{2}-\d{2})T/, '$1 ')
  if (typed === '现在' || typed === '刚才') return rfc3339(now)
  const away = /^([+-]\d{1,5})(?:分钟?)?$/.exec(typed)
  if (away) return rfc3339(new Date(now.getTime() + Number(away[1]) * 60_000))
  const time = asTime(typed)
  if (time) return rfc3339(new Date(now.getFullYear(), now.getMonth(), now.getDate(), ...time))
  const word = Object.keys(WORDS).find((w) => typed.startsWith(w))
  const cut = word ? word.length : typed.includes(' ') ? typed.indexOf(' ') : typed.length
  const day = asDay(typed.slice(0, cut), now)
  const rest = typed.slice(cut).trim()
  const at = rest === '' ? ([0, 0] as [number, number]) : asTime(rest)
  return day && at && rfc3339(new Date(day.getFullYear(), day.getMonth(), day.getDate(), ...at))
}

const SEGMENTS: [from: number, to: number][] = [
  [0, 4],
  [5, 7],
  [8, 10],
  [11, 13],
  [14, 16],
]

/** The part of `2026-11-02 08:41` that the caret stands in. */
export function segmentAt(caret: number): [number, number] {
  return SEGMENTS.find(([, to]) => caret <= to) ?? [14, 16]
}

/** One up or down from a shown day or moment, in the part where the caret stands; months keep the day in range. */
export function step(shown: string, caret: number, by: number): string {
  const [year, month, day, hour, minute] = (shown.match(/\d+/g) ?? []).map(Number)
  if (year === undefined || month === undefined || day === undefined) return shown
  const index = SEGMENTS.findIndex(([from]) => from === segmentAt(caret)[0])
  const change = SEGMENTS.map((_, i) => (i === index ? by : 0))
  const first = new Date(year + (change[0] ?? 0), month - 1 + (change[1] ?? 0), 1)
  const last = new Date(first.getFullYear(), first.getMonth() + 1, 0).getDate()
  const at = new Date(
    first.getFullYear(),
    first.getMonth(),
    Math.min(day, last) + (change[2] ?? 0),
    (hour ?? 0) + (change[3] ?? 0),
    (minute ?? 0) + (change[4] ?? 0),
  )
  return hour === undefined ? isoDay(at) : `${isoDay(at)} ${two(at.getHours())}:${two(at.getMinutes())}`
}
