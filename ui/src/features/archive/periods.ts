// The quick picks of the period filter, as days of this machine's calendar.

/** A quick pick; `custom` means that both days were chosen by hand. */
export type Period = 'all' | 'today' | 'week' | 'month' | 'lastMonth' | 'custom'

/** Quick picks in the order shown. */
export const periods: Period[] = ['all', 'today', 'week', 'month', 'lastMonth', 'custom']

/** First and last day, `2026-11-02`, both included. */
export interface Days {
  from?: string
  to?: string
}

const two = (n: number) => String(n).padStart(2, '0')
const day = (date: Date) => `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`

/** The days that a quick pick means today. Weeks begin on Monday; running periods end today. */
export function daysOf(period: Exclude<Period, 'custom'>, today: Date): Days {
  const [year, month, date] = [today.getFullYear(), today.getMonth(), today.getDate()]
  switch (period) {
    case 'all':
      return {}
    case 'today':
      return { from: day(today), to: day(today) }
    case 'week':
      return { from: day(new Date(year, month, date - ((today.getDay() + 6) % 7))), to: day(today) }
    case 'month':
      return { from: day(new Date(year, month, 1)), to: day(today) }
    case 'lastMonth':
      return { from: day(new Date(year, month - 1, 1)), to: day(new Date(year, month, 0)) }
  }
}
