// Guards the words of the bar: every standing is told, every problem has a name, a meaning and a place to look.
import { describe, expect, it } from 'vitest'
import type { Standing, StandingEntry } from '@/bridge/generated/types'
import types from '@/bridge/generated/types.ts?raw'
import { told } from '@/locales'
import { problemPlace, problemWords, tell } from './standing'

const at = (time: string) => new Date(`2026-11-22T${time}:00`).toISOString().replace('.000Z', 'Z')
const now = new Date('2026-11-22T10:30:00').getTime()
/** As the desk writes moments: local time with its offset. */
const local = (time: string) => {
  const minutes = -new Date(now).getTimezoneOffset()
  const two = (n: number) => String(Math.trunc(Math.abs(n))).padStart(2, '0')
  return `2026-11-22T${time}:00${minutes < 0 ? '-' : '+'}${two(minutes / 60)}:${two(minutes % 60)}`
}
const standing = (more: Partial<Standing> = {}): Standing => ({
  joined: true,
  online: false,
  busy: false,
  to_send: 0,
  log: 7,
  problems: [],
  ...more,
})
const words = (more: Partial<Standing>) => {
  const { tone, main, parts } = tell(standing(more), now)
  return [tone, [main, ...parts].join(' · ')]
}

describe('where one stands', () => {
  it.each<[string, Partial<Standing>, [string, string]]>([
    ['just in step', { online: true, last_exchange: at('10:29') }, ['good', '在线 · 1 分钟前同步']],
    [
      'in step',
      { online: true, last_exchange: new Date(now - 4000).toISOString() },
      ['good', '在线 · 刚刚同步'],
    ],
    [
      'in step with something to send',
      { online: true, last_exchange: local('10:18'), to_send: 2 },
      ['good', '在线 · 12 分钟前同步 · 2 条待发'],
    ],
    ['long in step', { online: true, last_exchange: local('08:05') }, ['good', '在线 · 08:05 同步']],
    [
      'offline',
      { offline_since: local('09:41'), to_send: 12, trouble: { code: 'shared_unreachable' } },
      ['off', '离线，自 09:41 起 · 12 条待发 · 连不上共享库'],
    ],
    [
      'offline for a reason of a newer version',
      { offline_since: local('09:41'), trouble: { code: 'from_a_newer_version' as never } },
      ['off', '离线，自 09:41 起'],
    ],
    ['not tried yet', {}, ['busy', '尚未同步']],
    ['trying', { busy: true, to_send: 3 }, ['busy', '正在连接… · 3 条待发']],
    [
      'first load',
      { busy: true, loading: { received: 12_500, reached: 12_500, last: 100_000 } },
      ['busy', '首次同步 · 已收到 12,500 / 100,000 条 · 可以先开始工作'],
    ],
    [
      'catching up',
      {
        online: true,
        last_exchange: local('08:05'),
        to_send: 1,
        loading: { received: 900, reached: 9000, last: 9300 },
      },
      ['busy', '正在接收 · 已收到 900 / 1,200 条 · 1 条待发'],
    ],
  ])('says %s', (_, more, expected) => expect(words(more)).toEqual(expected))
})

// The wire lists the codes of problems.
const named = /export type StandingProblem = ([^;]*);/.exec(types)?.[1] ?? ''
const problems = [...named.matchAll(/"([a-z_]+)"/g)].map((match) => match[1] ?? '')
const entry = (problem: string, count = 0) => ({ problem, count }) as StandingEntry

describe('problems', () => {
  it('have words and a meaning, all that the wire names', () => {
    expect(problems.length).toBeGreaterThanOrEqual(7)
    for (const problem of problems)
      expect([problem, told(`sync.problem.${problem}`), told(`sync.about.${problem}`)]).toEqual([
        problem,
        true,
        true,
      ])
  })

  it.each([
    ['conflicts', '冲突待定 3', '/sync?section=conflicts'],
    ['refused', '被拒绝 3', '/sync?section=refused'],
    ['quarantined', '隔离 3', '/sync?section=quarantine'],
    ['own_clock', '本机时间偏快', '/sync?section=state'],
    ['from_a_newer_version', '有新版本才能说明的问题', '/sync?section=state'],
  ])('%s are told and lead to a place', (problem, told, place) => {
    expect(problemWords(entry(problem, 3))).toBe(told)
    expect(problemPlace(entry(problem, 3))).toBe(place)
  })
})
