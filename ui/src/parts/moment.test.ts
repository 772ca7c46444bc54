import { describe, expect, it } from 'vitest'
import { parseDay, parseMoment, rfc3339, showBriefly, showMoment, step } from './moment'

const now = new Date(2026, 10, 21, 10, 41, 7)
const at = (...parts: [number, number, number, number, number]) =>
  rfc3339(new Date(parts[0], parts[1] - 1, parts[2], parts[3], parts[4]))

describe('a moment typed in a hurry', () => {
  it.each([
    ['2026-11-02 08:41', at(2026, 11, 2, 8, 41)],
    ['2026/11/2 8:41', at(2026, 11, 2, 8, 41)],
    ['2026年11月2日 8点41分', at(2026, 11, 2, 8, 41)],
    ['20261102 0841', at(2026, 11, 2, 8, 41)],
    ['1102 0841', at(2026, 11, 2, 8, 41)],
    ['11-02 8:41', at(2026, 11, 2, 8, 41)],
    ['8:41', at(2026, 11, 21, 8, 41)],
    ['0841', at(2026, 11, 21, 8, 41)],
    ['８：４１', at(2026, 11, 21, 8, 41)],
    ['8点半', at(2026, 11, 21, 8, 30)],
    ['下午3点', at(2026, 11, 21, 15, 0)],
    ['昨天 15:30', at(2026, 11, 20, 15, 30)],
    ['昨天15:30', at(2026, 11, 20, 15, 30)],
    ['前天 0841', at(2026, 11, 19, 8, 41)],
    ['明天 9:00', at(2026, 11, 22, 9, 0)],
    ['-10', at(2026, 11, 21, 10, 31)],
    ['+90', at(2026, 11, 21, 12, 11)],
    ['现在', at(2026, 11, 21, 10, 41)],
    ['昨天', at(2026, 11, 20, 0, 0)],
    ['2026-11-02T08:41', at(2026, 11, 2, 8, 41)],
  ])('%s', (typed, expected) => expect(parseMoment(typed, now)).toBe(expected))

  it.each([
    '',
    '25:00',
    '8:61',
    '2026-02-30 08:00',
    '1302 0841',
    '昨天 25:00',
    '早点',
    '2026-11-02 08:41 左右',
  ])('refuses %s', (typed) => expect(parseMoment(typed, now)).toBeNull())

  it('carries the local offset', () =>
    expect(at(2026, 11, 2, 8, 41)).toMatch(/^2026-11-02T08:41:00[+-]\d\d:\d\d$/))
})

describe('a day typed in a hurry', () => {
  it.each([
    ['2025-11-28', '2025-11-28'],
    ['20251128', '2025-11-28'],
    ['1102', '2026-11-02'],
    ['11月2日', '2026-11-02'],
    ['昨天', '2026-11-20'],
  ])('%s', (typed, expected) => expect(parseDay(typed, now)).toBe(expected))
  it('takes the nearest year', () => expect(parseDay('12-30', new Date(2026, 0, 3))).toBe('2025-12-30'))
  it.each(['2026-02-29', '0230', '8:41', '11'])('refuses %s', (typed) =>
    expect(parseDay(typed, now)).toBeNull(),
  )
})

describe('showing', () => {
  it('keeps the clock of the place it was entered in, and says so where it is another', () => {
    expect(showMoment(at(2026, 11, 2, 8, 41))).toBe('2026-11-02 08:41')
    expect(showMoment('2026-11-02T08:41:00-09:30')).toBe('2026-11-02 08:41 -09:30')
    expect(showMoment('不清楚')).toBe('不清楚')
  })
  it('is brief where the day is known', () => {
    expect(showBriefly(at(2026, 11, 21, 8, 41), now)).toBe('08:41')
    expect(showBriefly(at(2026, 11, 2, 8, 41), now)).toBe('11-02 08:41')
    expect(showBriefly(at(2025, 11, 2, 8, 41), now)).toBe('2025-11-02 08:41')
  })
})

describe('stepping', () => {
  it.each([
    ['2026-11-02 08:41', 16, 1, '2026-11-02 08:42'],
    ['2026-11-02 08:59', 16, 1, '2026-11-02 09:00'],
    ['2026-11-02 00:10', 12, -1, '2026-11-01 23:10'],
    ['2026-10-31 08:41', 6, 1, '2026-11-30 08:41'],
    ['2026-11-02', 9, -2, '2026-10-31'],
  ])('%s at %i by %i', (shown, caret, by, expected) => expect(step(shown, caret, by)).toBe(expected))
})
