// Guards the search box: one question a word, never a stale answer, keys that lead to the form.
import { flushPromises } from '@vue/test-utils'
import { nextTick } from 'vue'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import SearchBox from './SearchBox.vue'
import { rest, useSearch } from './search'
import { desktop, show } from './testing'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

const row = (id: string) => ({ id, number: `KF-${id}` })
const settle = async (time = rest) => {
  await nextTick()
  await vi.advanceTimersByTimeAsync(time)
  await flushPromises()
}

describe('the search', () => {
  it('asks once for a word typed in one go', async () => {
    const calls = desktop({ find: { rows: [row('1')], more: false } })
    const search = useSearch()
    for (const typed of ['热', '热水', '热水器']) {
      search.query = typed
      await settle(rest - 20)
    }
    expect(calls).toHaveLength(0)
    await settle()
    expect(calls).toEqual([{ name: 'find', request: { query: '热水器', limit: 14 } }])
    expect(search.chosen?.id).toBe('1')
  })

  it('drops an answer that comes after a newer question', async () => {
    const answers: Record<string, (page: unknown) => void> = {}
    desktop({ find: ({ query }: { query: string }) => new Promise((resolve) => (answers[query] = resolve)) })
    const search = useSearch()
    search.query = '陈'
    await settle()
    search.query = '陈秀英'
    await settle()
    answers['陈秀英']?.({ rows: [row('new')], more: false })
    answers['陈']?.({ rows: [row('old')], more: false })
    await settle()
    expect(search.chosen?.id).toBe('new')
  })

  it('shows a screen of rows first, and the others after it without moving the choice', async () => {
    const all = Array.from({ length: 50 }, (_, at) => row(String(at)))
    let answer = (_page: unknown) => {}
    const calls = desktop({
      find: ({ limit }: { limit: number }) =>
        limit === 14 ? { rows: all.slice(0, 14), more: true } : new Promise((resolve) => (answer = resolve)),
    })
    const search = useSearch()
    search.query = '水'
    await settle()
    expect(search.page?.rows).toHaveLength(14)
    search.move(7)
    answer({ rows: all, more: true })
    await settle()
    expect(calls.map(({ request }) => (request as { limit: number }).limit)).toEqual([14, 50])
    expect([search.page?.rows.length, search.chosen?.id]).toEqual([50, '7'])
  })

  it('keeps the choice within what was found', async () => {
    desktop({ find: { rows: [row('1'), row('2')], more: false } })
    const search = useSearch()
    search.query = '水'
    await settle()
    search.move(5)
    expect(search.chosen?.id).toBe('2')
    search.move(-9)
    expect(search.chosen?.id).toBe('1')
  })
})

describe('the search box', () => {
  async function box(path = '/forms') {
    desktop({ find: { rows: [row('1'), row('2')], more: false } })
    const { wrapper, router } = await show(SearchBox)
    await router.push(path)
    return { input: wrapper.get('input'), router }
  }

  it('opens the first result by Enter, the next by the arrow', async () => {
    const { input, router } = await box()
    await input.setValue('水')
    await settle()
    await input.trigger('keydown', { key: 'ArrowDown' })
    await input.trigger('keydown', { key: 'Enter' })
    await flushPromises()
    expect(router.currentRoute.value.path).toBe('/forms/2')
  })

  it('opens the first result as soon as it comes, if Enter was faster', async () => {
    const { input, router } = await box()
    await input.setValue('水')
    await input.trigger('keydown', { key: 'Enter' })
    expect(router.currentRoute.value.path).toBe('/forms')
    await settle()
    expect(router.currentRoute.value.path).toBe('/forms/1')
  })

  it('does nothing by the Enter that ends a composition', async () => {
    const { input, router } = await box()
    await input.setValue('水')
    await settle()
    await input.trigger('keydown', { key: 'Enter', isComposing: true })
    await flushPromises()
    expect(router.currentRoute.value.path).toBe('/forms')
  })

  it('leads back by Escape to where the person was', async () => {
    const { input, router } = await box('/intake/draft-1')
    await input.setValue('水')
    await settle()
    expect(router.currentRoute.value.path).toBe('/forms')
    await input.trigger('keydown', { key: 'Escape' })
    await flushPromises()
    expect(router.currentRoute.value.path).toBe('/intake/draft-1')
    expect(useSearch().query).toBe('')
  })
})
