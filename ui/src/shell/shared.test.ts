// Guards what a shared desk tells every page: looked at by itself, moved when something came in, silent on a desk of its own.
import { flushPromises } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Standing } from '@/bridge/generated/types'
import { useSession } from './session'
import { useShared } from './shared'
import { listenForShortcuts } from './shortcuts'
import SyncBar from './SyncBar.vue'
import { desktop, show } from './testing'

const open = { stage: 'open', idle_locked: false, wait_seconds: 0, version: '0.1.0' } as const
const desk = { company: '示例公司', member: '周敏', seat: 'a', template: { blocks: [] }, codes: {} }

let stop = () => {}
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  stop = listenForShortcuts()
})
afterEach(() => {
  stop()
  vi.useRealTimers()
})

/** An open desk that stands as `now` says, which the test may change. */
function sharedDesk(first: Partial<Standing> = {}) {
  const now: Standing = {
    joined: true,
    online: true,
    busy: false,
    to_send: 0,
    log: 5,
    problems: [],
    ...first,
  }
  const calls = desktop({ standing: () => ({ ...now }), desk, exchange: () => ({ ...now }) })
  const session = useSession()
  session.desk = desk as never
  session.status = open
  const asked = (name: string) => calls.filter((call) => call.name === name).length
  return { now, session, shared: useShared(), asked }
}

describe('a shared desk', () => {
  it('looks again every few seconds, every second while much comes in', async () => {
    const { now, shared, asked } = sharedDesk()
    await flushPromises()
    expect([shared.joined, asked('standing')]).toEqual([true, 1])
    now.loading = { received: 500, reached: 500, last: 900 }
    await vi.advanceTimersByTimeAsync(5_000)
    expect([shared.standing?.loading?.received, asked('standing')]).toEqual([500, 2])
    await vi.advanceTimersByTimeAsync(3_000)
    expect(asked('standing')).toBe(5)
  })

  it('tells that lists have to be read anew where the log moved or something was sent', async () => {
    const { now, shared, asked } = sharedDesk({ to_send: 2 })
    await flushPromises()
    expect(shared.moved).toBe(0)
    await shared.look()
    expect(shared.moved).toBe(0)
    now.log = 6
    await shared.look()
    expect(shared.moved).toBe(1)
    now.to_send = 0
    await shared.look()
    await flushPromises()
    expect([shared.moved, asked('desk')]).toEqual([2, 2])
  })

  it('goes on looking where it was not answered', async () => {
    const { session } = sharedDesk()
    let tries = 0
    desktop({
      standing: () => {
        tries++
        throw { code: 'storage' }
      },
    })
    await useShared().look()
    await vi.advanceTimersByTimeAsync(11_000)
    expect(tries).toBe(3)
    session.status = { ...open, stage: 'locked' }
    await vi.advanceTimersByTimeAsync(60_000)
    expect(tries).toBe(3)
  })

  it('forgets all behind the lock, the recovery kit too', async () => {
    const { session, shared } = sharedDesk()
    await flushPromises()
    shared.kit = { recovery_kit: ['AAAAA'], fingerprint: '', left: [] }
    session.status = { ...open, stage: 'locked' }
    await flushPromises()
    expect([shared.standing, shared.kit]).toEqual([undefined, undefined])
  })
})

describe('the bar', () => {
  it('is not there on a desk of its own, which is not looked at again either', async () => {
    const { asked } = sharedDesk({ joined: false, online: false })
    const { wrapper } = await show(SyncBar)
    await flushPromises()
    expect(wrapper.find('[data-part=sync]').exists()).toBe(false)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(asked('standing')).toBe(1)
  })

  it('says where one stands and what needs an eye, each with a way there', async () => {
    const { now, shared } = sharedDesk({
      online: false,
      offline_since: '2026-11-22T09:41:00+08:00',
      to_send: 12,
      problems: [
        { problem: 'refused', count: 1 },
        { problem: 'conflicts', count: 4 },
      ],
    })
    const { wrapper } = await show(SyncBar)
    await flushPromises()
    const bar = wrapper.get('[data-part=sync]')
    expect(bar.attributes('data-tone')).toBe('off')
    expect(bar.text()).toContain('离线，自')
    expect(bar.text()).toContain('12 条待发')
    expect(bar.get('[data-problem=conflicts]').text()).toBe('冲突待定 4')
    expect(bar.get('[data-problem=conflicts]').attributes('href')).toContain('section=conflicts')
    expect(shared.countOf('conflicts')).toBe(4)
    now.online = true
    now.problems = []
    delete now.offline_since
    await shared.look()
    await flushPromises()
    expect(wrapper.get('[role=status]').text()).toBe('在线')
    expect(wrapper.find('[data-problem]').exists()).toBe(false)
  })

  it('opens by F6', async () => {
    sharedDesk()
    const { router } = await show(SyncBar)
    await flushPromises()
    document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'F6', bubbles: true }))
    await flushPromises()
    expect(router.currentRoute.value.path).toBe('/sync')
  })
})
