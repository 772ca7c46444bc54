// What tests of the intake page share: the page over a desk that answers, keys that are heard, a clock that stands.
import { flushPromises } from '@vue/test-utils'
import { afterEach, beforeEach, vi } from 'vitest'
import type { DraftSaveRequest } from '@/bridge/generated/types'
import { desk } from '@/parts/testing'
import { useSession } from '@/shell/session'
import { listenForShortcuts } from '@/shell/shortcuts'
import { desktop, show } from '@/shell/testing'
import IntakePage from './IntakePage.vue'

let deaf = () => {}
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] })
  deaf = listenForShortcuts()
})
afterEach(() => {
  deaf()
  vi.useRealTimers()
})

/** The page at `address`, over the usual answers and those given. */
export async function intake(answers: Record<string, unknown> = {}, address = '/intake') {
  const calls = desktop({
    drafts: [],
    save_draft: (request: DraftSaveRequest) => ({ ...request, saved_at: new Date().toISOString() }),
    check: { fields: [] },
    hints: [],
    discard_draft: null,
    register: { id: 'new', number: 'KF-20261121-A03-0021' },
    preview: new ArrayBuffer(8),
    ...answers,
  })
  useSession().desk = desk
  const { wrapper, router } = await show(IntakePage)
  await router.push(address)
  for (let i = 0; i < 20 && !wrapper.find('[data-field=channel]').exists(); i++) await flushPromises()
  // Vue drops events of the very millisecond in which their listener was attached.
  await vi.advanceTimersByTimeAsync(1)
  const control = (key: string) => wrapper.find<HTMLInputElement>(`[data-field="${key}"]`).element
  const asked = <T>(name: string) =>
    calls.filter((call) => call.name === name).map((call) => call.request as T)
  const pass = async (ms: number) => {
    await vi.advanceTimersByTimeAsync(ms)
    await flushPromises()
  }
  return { wrapper, router, control, asked, pass }
}

/** Field that has the focus. */
export const focused = () => (document.activeElement as HTMLElement).dataset.field
