// Guards that a call waits while the desk is locked, loses nobody, and never writes over what is on screen.
import { flushPromises } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'
import type { Draft } from '@/bridge/generated/types'
import CallBar from './CallBar.vue'
import { useCalls } from './calls'
import { useSession } from './session'
import { desktop, show } from './testing'

const called = (id: string): Draft => ({
  id,
  saved_at: '2026-11-12T10:00:00+08:00',
  author: '周敏',
  values: { 'customer.phone': '13800138021', channel: 'hotline', ring_count: 5 },
  attachments: [],
  call: { from: '13800138021', rings: 5, to: '', at: '2026-11-12T10:00:00+08:00' },
})

const open = { stage: 'open', idle_locked: false, wait_seconds: 0, version: '0.1.0' } as const

/** A desk over which `queue` of calls comes in. */
function deskWith(queue: Draft[]) {
  const calls = desktop({
    waiting_calls: () => ({ count: queue.length }),
    take_calls: () => queue.splice(0),
  })
  const asked = (name: string) => calls.filter((call) => call.name === name).length
  return { asked, queue, session: useSession(), store: useCalls() }
}

describe('a call while the desk is locked', () => {
  it('is counted, and taken only once the desk is open', async () => {
    const { asked, session, store } = deskWith([called('c1'), called('c2')])
    session.status = { ...open, stage: 'locked' }
    await flushPromises()
    await store.answer()
    expect(store.waiting).toBe(2)
    expect(asked('take_calls')).toBe(0)
    const { wrapper, router } = await show(CallBar)
    expect(router.currentRoute.value.path).toBe('/forms')
    session.status = open
    await flushPromises()
    await flushPromises()
    expect(asked('take_calls')).toBe(1)
    expect(store.waiting).toBe(0)
    expect(router.currentRoute.value.path).toBe('/intake/c1')
    expect(wrapper.get('[data-part=calls]').text()).toContain('还有 1 个来电')
    await wrapper.get('[data-act=next-call]').trigger('click')
    await flushPromises()
    expect(router.currentRoute.value.path).toBe('/intake/c2')
    expect(wrapper.find('[data-part=calls]').exists()).toBe(false)
  })

  it('leaves no number in memory when the desk is locked again', async () => {
    const { session, store } = deskWith([called('c1')])
    session.status = open
    await store.answer()
    session.status = { ...open, stage: 'locked' }
    await flushPromises()
    expect(store.collect()).toEqual([])
  })
})

describe('a call at the open desk', () => {
  it('is taken once, however often it is announced at once', async () => {
    const { session, store, queue } = deskWith([])
    session.status = open
    await flushPromises()
    queue.push(called('c1'))
    await Promise.all([store.answer(), store.answer(), store.answer()])
    expect(store.unopened).toEqual(['c1'])
    expect(store.collect().map((draft) => draft.id)).toEqual(['c1'])
    expect(store.collect()).toEqual([])
  })

  it('waits in the bar where the page keeps the person', async () => {
    const { session, store, queue } = deskWith([])
    session.status = open
    const { wrapper, router } = await show(CallBar)
    const release = router.beforeEach(() => false)
    queue.push(called('c1'))
    await store.answer()
    await flushPromises()
    expect(router.currentRoute.value.path).toBe('/forms')
    release()
    await wrapper.get('[data-act=next-call]').trigger('click')
    await flushPromises()
    expect(router.currentRoute.value.path).toBe('/intake/c1')
  })
})
