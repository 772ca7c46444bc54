// Guards the time left: its words, and that it moves by itself.
import { nextTick } from 'vue'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { ClockView } from '@/bridge/generated/types'
import { t } from '@/locales'
import { show } from '@/shell/testing'
import ClockMark from './ClockMark.vue'
import { remaining } from './remaining'

const due = '2026-11-02T12:00:00+08:00'
const at = (time: string) => Date.parse(`2026-11-${time}+08:00`)

describe('what is left', () => {
  it.each([
    ['02T11:59:59', '剩 1 秒'],
    ['02T11:59:00', '剩 1 分'],
    ['02T11:55:30', '剩 4 分 30 秒'],
    ['02T11:25:10', '剩 34 分'],
    ['02T10:40:00', '剩 1 小时 20 分'],
    ['02T10:00:00', '剩 2 小时'],
    ['01T12:00:00', '剩 1 天'],
    ['01T09:30:00', '剩 1 天 2 小时'],
    ['02T12:00:00', '超 1 分'],
    ['02T12:00:40', '超 1 分'],
    ['02T12:34:10', '超 35 分'],
    ['02T14:00:00', '超 2 小时'],
    ['04T13:00:00', '超 2 天 1 小时'],
  ])('at %s is %s', (now, words) => {
    expect(remaining(due, at(now), t)).toEqual({ words, late: words.startsWith('超') })
  })
})

describe('a clock', () => {
  const clock: ClockView = {
    id: 'response',
    kind: 'response',
    name: '首次响应',
    rules: '公司规则 第 2 版',
    started: '2026-11-02T10:00:00+08:00',
    due,
    paused: false,
    overdue: false,
    share: 0.2,
  }
  beforeEach(() => vi.useFakeTimers())
  afterEach(() => vi.useRealTimers())

  async function shown(now: string, more: Partial<ClockView> = {}) {
    vi.setSystemTime(at(now))
    const { wrapper } = await show(ClockMark, { props: { clock: { ...clock, ...more } } })
    return wrapper
  }

  it('ticks without being told anew, and turns late in words and colour together', async () => {
    const wrapper = await shown('02T11:59:57')
    expect(wrapper.text()).toContain('剩 3 秒')
    expect(wrapper.classes()).toContain('pressing')
    await vi.advanceTimersByTimeAsync(2000)
    expect(wrapper.text()).toContain('剩 1 秒')
    await vi.advanceTimersByTimeAsync(1000)
    expect(wrapper.text()).toContain('超 1 分')
    expect(wrapper.classes()).toContain('late')
    wrapper.unmount()
    expect(vi.getTimerCount()).toBe(0)
  })

  it('stands still while paused, and says so', async () => {
    const wrapper = await shown('02T12:30:00', { paused: true })
    expect(wrapper.text()).toContain('暂停计时')
    expect(wrapper.classes()).not.toContain('late')
  })

  it('says when it stopped, and a calendar that is missing', async () => {
    const stopped = await shown('02T13:00:00', { stopped: '2026-11-02T12:10:00+08:00', overdue: true })
    expect(stopped.text()).toMatch(/12:10.* 完成，已超时/)
    vi.setSystemTime(at('02T13:00:00'))
    const { wrapper } = await show(ClockMark, {
      props: { clock: { ...clock, due: undefined, missing_year: 2027 } },
    })
    await nextTick()
    expect(wrapper.text()).toContain('缺 2027 年日历')
  })
})
