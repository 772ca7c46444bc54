// Guards the frame: who sits here, the reminder, and the shortcuts of every page.
import { flushPromises } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import DeskFrame from './DeskFrame.vue'
import { useSession } from './session'
import { listenForShortcuts } from './shortcuts'
import { desktop, show } from './testing'

let stop: () => void
beforeEach(() => (stop = listenForShortcuts()))
afterEach(() => stop())

const desk = {
  company: '示例公司',
  member: '单雄信',
  seat: 'a',
  roles: ['reception', 'admin', 'from_a_newer_version'],
  device_code: 'A03',
  recovery_confirmed: false,
  template: { blocks: [] },
  codes: {},
}

async function frame() {
  const calls = desktop({ lock: { stage: 'locked' }, find: { rows: [], more: false } })
  const session = useSession()
  session.status = { stage: 'open', idle_locked: false, wait_seconds: 0, version: '0.1.0' }
  session.desk = desk as never
  const { wrapper, router } = await show(DeskFrame)
  const press = async (key: string, ctrlKey = false) => {
    document.body.dispatchEvent(
      new KeyboardEvent('keydown', { key, ctrlKey, bubbles: true, cancelable: true }),
    )
    await flushPromises()
  }
  return { calls, session, wrapper, router, press }
}

describe('the frame', () => {
  it('says who sits where', async () => {
    const { wrapper } = await frame()
    expect(wrapper.get('header').text()).toMatch(/示例公司单雄信.*终端码 A03/)
    expect(wrapper.get('[data-roles]').text()).toBe('接待、管理员、from_a_newer_version')
  })

  it('reminds nobody who cannot renew the code', async () => {
    const { wrapper, session } = await frame()
    session.desk = { ...desk, roles: ['reception'] } as never
    await flushPromises()
    expect(wrapper.find('[data-act="renew-hint"]').exists()).toBe(false)
  })

  it('reminds of the recovery code until it is written down', async () => {
    const { wrapper, session } = await frame()
    expect(wrapper.find('[data-act="renew-hint"]').exists()).toBe(true)
    session.desk = { ...desk, recovery_confirmed: true } as never
    await flushPromises()
    expect(wrapper.find('[data-act="renew-hint"]').exists()).toBe(false)
  })

  it('starts a form, finds, and locks by keyboard', async () => {
    const { calls, router, press, session } = await frame()
    await press('n', true)
    expect(router.currentRoute.value.path).toBe('/intake')
    await press('f', true)
    expect((document.activeElement as HTMLElement).dataset.field).toBe('search')
    await press('l', true)
    await flushPromises()
    expect(calls.map(({ name }) => name)).toContain('lock')
    expect(session.stage).toBe('locked')
  })

  it.each(['F1', '?'])('explains its keys by %s, and takes the legend away by Escape', async (key) => {
    const { wrapper, press } = await frame()
    await press(key)
    const legend = wrapper.get('dialog')
    for (const words of ['新登记', 'Ctrl+N', '查找', '锁定']) expect(legend.text()).toContain(words)
    await press('Escape')
    expect(wrapper.find('dialog').exists()).toBe(false)
  })
})
