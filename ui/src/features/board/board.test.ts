// Guards the board: queues picked by keys, rows opened by keyboard, kept fresh, and what it says where nothing waits.
import { flushPromises } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { ClockView, QueueCount, QueueRequest, QueueRow } from '@/bridge/generated/types'
import types from '@/bridge/generated/types.ts?raw'
import { told } from '@/locales'
import { desk, press } from '@/parts/testing'
import { useSession } from '@/shell/session'
import { useShared } from '@/shell/shared'
import { listenForShortcuts } from '@/shell/shortcuts'
import { desktop, show } from '@/shell/testing'
import { useBoard } from './board'
import BoardPage from './BoardPage.vue'

const count = (key: string, n: number, more: Partial<QueueCount> = {}): QueueCount => ({
  key,
  count: n,
  overdue: 0,
  marked: 0,
  ...more,
})
const clock: ClockView = {
  id: 'response',
  kind: 'response',
  name: '首次响应',
  rules: '公司规则 第 1 版',
  started: '2026-11-02T08:00:00+08:00',
  due: '2026-11-02T10:00:00+08:00',
  paused: false,
  overdue: true,
}
const row = (n: number, more: Partial<QueueRow> = {}): QueueRow => ({
  form: {
    id: `f${n}`,
    number: `KF-20261102-A03-${String(n).padStart(4, '0')}`,
    received_at: '2026-11-02T08:41:00+08:00',
    customer: `客户${n}`,
    phone: '',
    kind: 'repair',
    category: 'product_fault',
    state: 'to_dispatch',
    channel: 'hotline',
    receiver: '周敏',
    product: '',
    excerpt: '不出热水',
  },
  department: '',
  handler: '',
  since: '2026-11-02T08:50:00+08:00',
  chases: 0,
  queries: 0,
  measures: 0,
  level: 0,
  reopened: 0,
  ...more,
})

let deaf = () => {}
let away = () => {}
beforeEach(() => (deaf = listenForShortcuts()))
afterEach(() => {
  // A page that stayed would answer the keys meant for the next one.
  away()
  deaf()
  vi.useRealTimers()
})

async function page(queues: QueueCount[], rows: Record<string, QueueRow[]>) {
  const calls = desktop({
    board: () => ({ queues, at: '2026-11-02T10:35:00+08:00' }),
    queue: ({ key, offset, limit }: QueueRequest) => {
      const all = rows[key] ?? []
      return { rows: all.slice(offset, offset + limit), total: all.length }
    },
  })
  useSession().desk = desk
  const { wrapper, router } = await show(BoardPage)
  away = () => wrapper.unmount()
  await flushPromises()
  const asked = () =>
    calls.filter((call) => call.name === 'queue').map((call) => call.request as QueueRequest)
  const key = async (pressed: string, target: Element = document.body) => {
    press(target, pressed)
    await flushPromises()
  }
  return { wrapper, router, calls, asked, key }
}

const three = [count('to_dispatch', 2, { overdue: 1, marked: 2 }), count('chased', 0), count('to_file', 1)]
const filled = {
  to_dispatch: [
    row(1, { clock, mark: 'undispatched', chases: 2, queries: 1, level: 1, reopened: 1 }),
    row(2),
  ],
  to_file: [row(3)],
}

// The wire names every queue in the comment on its code.
const named = /export type QueueCount[\s\S]*?Code: ([\s\S]*?)\*\//.exec(types)?.[1] ?? ''
const keys = [...named.matchAll(/([a-z_]+) [一-龥]/g)].map((match) => match[1] ?? '')

describe('the board', () => {
  it('has words for every queue, waiting or empty', () => {
    expect(keys.length).toBeGreaterThanOrEqual(15)
    for (const key of keys)
      expect([key, told(`board.queue.${key}`), told(`board.empty.${key}`)]).toEqual([key, true, true])
  })

  it('counts each queue, and says in words what is late or has waited', async () => {
    const { wrapper } = await page(three, filled)
    const dispatch = wrapper.get('[data-queue=to_dispatch]')
    for (const words of ['待分发', '2', '超时 1', '久等 2']) expect(dispatch.text()).toContain(words)
    expect(wrapper.get('[data-queue=to_file]').text()).not.toContain('超时')
  })

  it('shows rows with clock, flags and since when', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    vi.setSystemTime(Date.parse('2026-11-02T10:35:00+08:00'))
    const { wrapper } = await page(three, filled)
    const first = wrapper.get('[data-row="KF-20261102-A03-0001"]').text()
    for (const words of [
      '客户1',
      '报修',
      '产品故障',
      '待分发',
      '首次响应',
      '超 35 分',
      '督办 2',
      '待核实',
      '升级 1',
      '重开 1',
      '久等',
    ])
      expect(first).toContain(words)
    expect(wrapper.get('[data-row="KF-20261102-A03-0002"]').text()).toContain('没有时限')
  })

  it('picks queues by digits and brackets, and remembers the last', async () => {
    const { wrapper, asked, key } = await page(three, filled)
    expect(wrapper.get('[aria-current]').attributes('data-queue')).toBe('to_dispatch')
    await key('3')
    expect(wrapper.find('[data-row="KF-20261102-A03-0003"]').exists()).toBe(true)
    await key('[')
    expect(wrapper.get('[aria-current]').attributes('data-queue')).toBe('chased')
    await key(']')
    await key(']')
    expect(wrapper.get('[aria-current]').attributes('data-queue')).toBe('to_dispatch')
    expect(asked().map((request) => request.key)).toEqual([
      'to_dispatch',
      'to_file',
      'chased',
      'to_file',
      'to_dispatch',
    ])
    await key('9')
    expect(wrapper.get('[aria-current]').attributes('data-queue')).toBe('to_dispatch')
    expect(localStorage.getItem('kefu.queue')).toBe('to_dispatch')
  })

  it.each(['visits', 'channels'])('counts %s and leads to their own list; no queue is read', async (key) => {
    const queues = [count('to_dispatch', 0), count(key, 4, { overdue: 1 })]
    const { wrapper, router, asked } = await page(queues, {})
    router.addRoute({ path: `/${key}`, component: { template: '<i />' } })
    expect(asked().map((request) => request.key)).toEqual(['to_dispatch'])
    await wrapper.get(`[data-queue=${key}]`).trigger('click')
    await flushPromises()
    expect(router.currentRoute.value.path).toBe(`/${key}`)
    expect(asked().every((request) => request.key === 'to_dispatch')).toBe(true)
  })

  it('opens a form by arrows and Enter', async () => {
    const { wrapper, router, key } = await page(three, filled)
    const grid = wrapper.get('[role=grid]').element
    expect(document.activeElement).toBe(grid)
    await key('ArrowDown', grid)
    await key('ArrowDown', grid)
    expect(wrapper.get('[aria-selected=true]').attributes('data-row')).toBe('KF-20261102-A03-0002')
    await key('Enter', grid)
    expect(router.currentRoute.value.path).toBe('/forms/f2')
  })

  it('looks again every 15 seconds while it is seen, and keeps the chosen row', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const rows = { to_dispatch: [row(1), row(2)] }
    const { wrapper, calls, key } = await page([count('to_dispatch', 2)], rows)
    await key('ArrowDown', wrapper.get('[role=grid]').element)
    rows.to_dispatch = [row(9), row(1), row(2)]
    vi.advanceTimersByTime(15_000)
    await flushPromises()
    expect(calls.filter(({ name }) => name === 'board')).toHaveLength(2)
    expect(wrapper.get('[aria-selected=true]').attributes('data-row')).toBe('KF-20261102-A03-0002')
    wrapper.unmount()
    vi.advanceTimersByTime(60_000)
    await flushPromises()
    expect(calls.filter(({ name }) => name === 'board')).toHaveLength(2)
  })

  it('shows at once what another machine did, what is not sent yet, and what waits for a decision', async () => {
    const rows = { to_dispatch: [row(1)] }
    const { wrapper, asked } = await page([count('to_dispatch', 1)], rows)
    expect(wrapper.find('[data-unsent], [data-act=conflicts]').exists()).toBe(false)
    const before = asked().length
    rows.to_dispatch = [row(1), { ...row(2), form: { ...row(2).form, unsent: true } }]
    const shared = useShared()
    shared.moved++
    shared.standing = {
      joined: true,
      online: true,
      busy: false,
      to_send: 1,
      log: 2,
      problems: [{ problem: 'conflicts', count: 3 }],
    }
    await flushPromises()
    expect(asked().length).toBe(before + 1)
    expect(wrapper.get('[data-row="KF-20261102-A03-0002"] [data-unsent]').text()).toBe('未送出')
    expect(wrapper.find('[data-row="KF-20261102-A03-0001"] [data-unsent]').exists()).toBe(false)
    expect(wrapper.get('[data-act=conflicts]').text()).toBe('冲突待定3')
    expect(wrapper.get('[data-act=conflicts]').attributes('href')).toBe('/sync?section=conflicts')
  })

  it('reads further rows where a queue is long', async () => {
    const many = Array.from({ length: 150 }, (_, n) => row(n))
    const { wrapper, asked } = await page([count('overdue', 150)], { overdue: many })
    expect(wrapper.get('[data-total]').text()).toBe('已显示 100 份，共 150 份')
    await wrapper.get('[data-act=more]').trigger('click')
    await flushPromises()
    expect(wrapper.get('[data-total]').text()).toBe('共 150 份')
    expect(asked().map(({ offset }) => offset)).toEqual([0, 0, 100])
  })

  it.each([
    ['to_accept', '分发到您部门'],
    ['mine', '待接收'],
    ['from_a_newer_version', '等待这一步'],
  ])('says what to do where nothing waits in %s', async (key, words) => {
    const { wrapper } = await page([count(key, 0)], {})
    expect(wrapper.get('[role=status]').text()).toContain(words)
  })

  it('says what to do where there is no queue at all, and when it cannot be read', async () => {
    const { wrapper } = await page([], {})
    expect(wrapper.text()).toContain('角色')
    desktop({})
    await useBoard().refresh()
    await flushPromises()
    expect(wrapper.get('[role=alert]').text()).toContain('工作台没有读出来')
  })

  it('forgets what waited for one person when another sits down', async () => {
    const { wrapper } = await page(three, filled)
    const session = useSession()
    session.desk = { ...desk, seat: 'somebody-else' }
    await flushPromises()
    expect(wrapper.find('[data-row]').exists()).toBe(false)
  })
})
