// Guards the list: periods, hits, keyboard, filters, order, counts, and what is shown where nothing is.
import { flushPromises } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { FormRow, ListRequest } from '@/bridge/generated/types'
import { useSearch } from '@/shell/search'
import { useSession } from '@/shell/session'
import { useShared } from '@/shell/shared'
import { desktop, show } from '@/shell/testing'
import ArchivePage from './ArchivePage.vue'
import { pieces } from './highlight'
import { pageSize, useListing } from './listing'
import { daysOf } from './periods'

const form = (n: number, more: Partial<FormRow> = {}): FormRow => ({
  id: `id-${n}`,
  number: `KF-20261121-A03-${String(n).padStart(4, '0')}`,
  received_at: '2026-11-21T09:30:00+05:00',
  customer: '陈秀英',
  phone: '138 0013 8021',
  kind: 'repair',
  category: '',
  state: 'registered',
  channel: 'hotline',
  receiver: '单雄信',
  product: '',
  excerpt: '热水器打开后火焰突然熄灭',
  ...more,
})

describe('periods', () => {
  it.each([
    ['all', new Date(2026, 10, 21), {}],
    ['today', new Date(2026, 10, 21, 23, 59), { from: '2026-11-21', to: '2026-11-21' }],
    ['week', new Date(2026, 10, 21), { from: '2026-11-16', to: '2026-11-21' }],
    ['week', new Date(2026, 10, 22), { from: '2026-11-16', to: '2026-11-22' }],
    ['week', new Date(2026, 10, 23), { from: '2026-11-23', to: '2026-11-23' }],
    ['week', new Date(2027, 0, 1), { from: '2026-12-28', to: '2027-01-01' }],
    ['month', new Date(2026, 1, 3), { from: '2026-02-01', to: '2026-02-03' }],
    ['lastMonth', new Date(2026, 2, 31), { from: '2026-02-01', to: '2026-02-28' }],
    ['lastMonth', new Date(2027, 0, 5), { from: '2026-12-01', to: '2026-12-31' }],
  ] as const)('%s on %s', (period, today, expected) => expect(daysOf(period, today)).toEqual(expected))
})

describe('hits', () => {
  const shown = (text: string, query: string) =>
    pieces(text, query)
      .map((piece) => (piece.hit ? `[${piece.text}]` : piece.text))
      .join('')

  it.each([
    ['热水器打开后火焰熄灭', '火焰', '热水器打开后[火焰]熄灭'],
    ['火焰又火焰', '火焰', '[火焰]又[火焰]'],
    ["O'Brien Liam", "o'brien", "[O'Brien] Liam"],
    ['138 0013 8021', '8021', '138 0013 [8021]'],
    ['138 0013 8021', '00138021', '138 [0013 8021]'],
    ['138 0013 8021', '138-0013', '[138 0013] 8021'],
    ['０５７１-8888', '0571', '[０５７１]-8888'],
    ['㛃䶮𠮷喆', '𠮷', '㛃䶮[𠮷]喆'],
    ['陈秀英 投诉', '英 陈', '[陈]秀[英] 投诉'],
    ['陈秀英', 'cxy', '陈秀英'],
    ['12 台', '1', '[1]2 台'],
    ['<b>加粗</b>', '加粗', '<b>[加粗]</b>'],
  ])('%s for %s', (text, query, expected) => expect(shown(text, query)).toBe(expected))
})

describe('the list', () => {
  beforeEach(() => vi.useFakeTimers({ now: new Date(2026, 10, 21, 10) }))
  afterEach(() => vi.useRealTimers())

  async function page(total: number, more: Partial<FormRow> = {}) {
    const calls = desktop({
      receivers: { names: ['单雄信'] },
      save_preferences: null,
      list: ({ offset, limit }: ListRequest) => ({
        rows: Array.from({ length: Math.max(0, Math.min(limit, total - offset)) }, (_, n) =>
          form(offset + n + 1, more),
        ),
        total,
      }),
    })
    useSession().desk = {
      codes: {
        kind: {
          items: [
            { code: 'repair', label: '报修', initials: 'bx' },
            { code: 'praise', label: '表扬', initials: 'by' },
          ],
        },
        channel: { items: [{ code: 'hotline', label: '热线', initials: 'rx' }] },
        state: { items: [{ code: 'registered', label: '已登记', initials: 'ydj' }] },
        category: { items: [] },
      },
    } as never
    const { wrapper, router } = await show(ArchivePage)
    await flushPromises()
    const requests = () =>
      calls.filter(({ name }) => name === 'list').map(({ request }) => request as ListRequest)
    const press = async (key: string) => {
      await wrapper.get('[role="grid"]').trigger('keydown', { key })
      await flushPromises()
    }
    return { calls, wrapper, router, requests, press, last: () => requests().at(-1) }
  }
  const active = (wrapper: Awaited<ReturnType<typeof page>>['wrapper']) =>
    wrapper.get('[aria-selected="true"]').attributes('data-row')

  it('tells how to begin where nothing is registered yet', async () => {
    const { wrapper, router } = await page(0)
    await wrapper.get('[data-act="new-first"]').trigger('click')
    await flushPromises()
    expect(router.currentRoute.value.path).toBe('/intake')
  })

  it('tells how to go on where the filter lets nothing through', async () => {
    const { wrapper, last } = await page(0)
    await useListing().pick('kinds', ['praise'])
    await flushPromises()
    expect(last()?.filter.kinds).toEqual(['praise'])
    await wrapper.get('.empty [data-act="clear-filter"]').trigger('click')
    await flushPromises()
    expect(last()?.filter.kinds).toEqual([])
    expect(wrapper.find('[data-act="new-first"]').exists()).toBe(true)
  })

  it('shows words for codes, the time as it was entered, and the right count', async () => {
    const { wrapper } = await page(12345)
    const row = wrapper.get('[data-row="KF-20261121-A03-0001"]').text()
    for (const words of ['报修', '热线', '已登记', '2026-11-21 09:30', '热水器打开'])
      expect(row).toContain(words)
    expect(wrapper.get('[data-total]').text()).toBe('共 12,345 份')
    expect(wrapper.get('footer').text()).toContain('第 1–50 份，共 12,345 份')
    expect(wrapper.findAll('[data-row]')).toHaveLength(pageSize)
  })

  it('marks what is not sent yet, and keeps the chosen form while others come in above it', async () => {
    const { wrapper, press, calls } = await page(3, { unsent: true })
    expect(wrapper.findAll('[data-unsent]')).toHaveLength(3)
    await press('ArrowDown')
    const chosen = active(wrapper)
    desktop({ list: { rows: [form(9), form(8), form(1), form(2), form(3)], total: 5 } })
    useShared().moved++
    await flushPromises()
    expect(active(wrapper)).toBe(chosen)
    expect(wrapper.findAll('[data-row]')).toHaveLength(5)
    expect(wrapper.find('[data-unsent]').exists()).toBe(false)
    expect(calls.length).toBeGreaterThan(0)
  })

  it('is walked through by keyboard, across pages, and opened by Enter', async () => {
    const { wrapper, router, press, last } = await page(70)
    await press('ArrowDown')
    expect(active(wrapper)).toMatch(/0002$/)
    await press('End')
    await press('ArrowDown')
    expect(last()?.offset).toBe(50)
    expect(active(wrapper)).toMatch(/0051$/)
    await press('PageDown')
    expect(last()?.offset).toBe(50)
    await press('ArrowUp')
    expect(active(wrapper)).toMatch(/0050$/)
    await press('Home')
    await press('Enter')
    expect(router.currentRoute.value.path).toBe('/forms/id-1')
  })

  it('sorts by a header, turns round at the second click, and remembers', async () => {
    const { wrapper, calls, last } = await page(3)
    await wrapper.get('[data-sort="customer"]').trigger('click')
    expect(last()).toMatchObject({ sort: 'customer', descending: false })
    await flushPromises()
    await wrapper.get('[data-sort="customer"]').trigger('click')
    expect(last()).toMatchObject({ sort: 'customer', descending: true })
    await flushPromises()
    expect(wrapper.get('[aria-sort="descending"]').text()).toContain('客户')
    expect(calls.some(({ name }) => name === 'save_preferences')).toBe(false)
    await vi.advanceTimersByTimeAsync(1000)
    const kept = calls.filter(({ name }) => name === 'save_preferences')
    expect(kept).toHaveLength(1)
    expect(kept[0]?.request).toMatchObject({ sort: 'customer', descending: true })
  })

  it('filters by keyboard: first letter, blank, Escape', async () => {
    const { wrapper, last } = await page(3)
    const button = wrapper.get('[data-filter="kinds"]')
    await button.trigger('click')
    await flushPromises()
    const list = wrapper.get('[role="listbox"]')
    await list.trigger('keydown', { key: 'b' })
    await list.trigger('keydown', { key: ' ' })
    await flushPromises()
    expect(last()?.filter.kinds).toEqual(['praise'])
    expect(button.text()).toBe('类别：表扬')
    await list.trigger('keydown', { key: 'Escape' })
    expect(wrapper.find('[role="listbox"]').exists()).toBe(false)
    expect(document.activeElement).toBe(button.element)
  })

  it('means by "today" the day on which it is looked at', async () => {
    const first = await page(3)
    await first.wrapper.get('[data-period="today"]').trigger('click')
    expect(first.last()?.filter).toMatchObject({ from: '2026-11-21', to: '2026-11-21' })
    vi.setSystemTime(new Date(2026, 10, 22, 8))
    await useListing().load()
    expect(first.last()?.filter).toMatchObject({ from: '2026-11-22', to: '2026-11-22' })
    expect(first.last()?.offset).toBe(0)
  })

  it('goes back to the last page where rows became fewer', async () => {
    const { last } = await page(70)
    await useListing().go(9)
    await flushPromises()
    expect(last()?.offset).toBe(50)
  })

  it('forgets the rows once the desk is locked', async () => {
    await page(3)
    const session = useSession()
    session.status = { stage: 'open' } as never
    await flushPromises()
    session.status = { stage: 'locked' } as never
    await flushPromises()
    expect(useListing().page).toBeUndefined()
  })

  it('shows why it could not be read, and reads again', async () => {
    let broken = true
    desktop({
      receivers: { names: [] },
      list: () => {
        if (broken) throw { code: 'storage' }
        return { rows: [form(1)], total: 1 }
      },
    })
    const { wrapper } = await show(ArchivePage)
    await flushPromises()
    expect(wrapper.get('[role="alert"]').text()).toContain('读写出错')
    broken = false
    await wrapper.get('[role="alert"] button').trigger('click')
    await flushPromises()
    expect(wrapper.findAll('[data-row]')).toHaveLength(1)
  })
})

describe('search results', () => {
  it('stand in the same rows, with the hits marked; nothing found tells what else to try', async () => {
    desktop({ receivers: { names: [] }, list: { rows: [], total: 0 } })
    const search = useSearch()
    search.query = '火焰'
    search.page = { rows: [form(1), form(2)], more: true }
    search.answered = '火焰'
    const { wrapper } = await show(ArchivePage)
    expect(wrapper.findAll('mark').map((mark) => mark.text())).toEqual(['火焰', '火焰'])
    expect(wrapper.get('[data-found]').text()).toContain('2 份以上')
    search.page = { rows: [], more: false }
    await flushPromises()
    expect(wrapper.text()).toContain('没有找到“火焰”')
  })
})
