// Where one stands with the shared database, in words: from the facts of a `Standing` to what the bar says.
import type { Standing, StandingEntry } from '@/bridge/generated/types'
import { t, told } from '@/locales'
import { showBriefly } from '@/parts/moment'

/** What the bar says. */
export interface Told {
  /** Colour of the sign beside the words; the words say the same. */
  tone: 'good' | 'busy' | 'off'
  /** In one or two words. */
  main: string
  /** What else there is to know, each by itself. */
  parts: string[]
}

const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** How long ago the last exchange was. */
function lately(standing: Standing, now: number): string {
  if (!standing.last_exchange) return ''
  const gone = now - Date.parse(standing.last_exchange)
  if (gone < MINUTE) return t('sync.bar.justNow')
  if (gone < HOUR) return t('sync.bar.minutesAgo', { minutes: Math.floor(gone / MINUTE) })
  return t('sync.bar.lastAt', { at: showBriefly(standing.last_exchange, new Date(now)) })
}

/** Why it is offline, in a few words; empty where it is not known. */
export function whyOffline(standing: Standing): string {
  const key = `sync.why.${standing.trouble?.code}`
  return standing.trouble && told(key) ? t(key) : ''
}

/** The bar's words for `standing` at `now`, milliseconds since 1970. */
export function tell(standing: Standing, now: number): Told {
  const waiting = standing.to_send ? [t('sync.bar.toSend', { count: standing.to_send })] : []
  const some = (parts: string[]) => parts.filter((part) => part !== '')
  if (standing.loading) {
    const first = !standing.last_exchange
    const { received, reached, last } = standing.loading
    const [count, of] = [received, Math.max(last - reached, 0) + received].map((n) =>
      n.toLocaleString('zh-CN'),
    )
    return {
      tone: 'busy',
      main: t(first ? 'sync.bar.firstLoad' : 'sync.bar.loading'),
      parts: some([t('sync.bar.received', { count, of }), first ? t('sync.bar.usable') : '', ...waiting]),
    }
  }
  if (standing.online)
    return { tone: 'good', main: t('sync.bar.online'), parts: some([lately(standing, now), ...waiting]) }
  if (standing.offline_since) {
    const at = showBriefly(standing.offline_since, new Date(now))
    return {
      tone: 'off',
      main: t('sync.bar.offline', { at }),
      parts: some([...waiting, whyOffline(standing)]),
    }
  }
  return { tone: 'busy', main: t(standing.busy ? 'sync.bar.connecting' : 'sync.bar.notYet'), parts: waiting }
}

/** One problem in a few words. */
export function problemWords(entry: StandingEntry): string {
  const key = `sync.problem.${entry.problem}`
  return t(told(key) ? key : 'sync.problem.other', { count: entry.count })
}

const rooms: Partial<Record<string, string>> = {
  conflicts: 'conflicts',
  refused: 'refused',
  quarantined: 'quarantine',
}

/** The page on which a problem can be looked at. */
export const problemPlace = (entry: StandingEntry): string =>
  `/sync?section=${rooms[entry.problem] ?? 'state'}`
