// Guards the change of operator: two keystrokes for whoever has signed in, the passphrase for everyone else.
import { flushPromises } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { defineComponent, h, onMounted } from 'vue'
import { RouterView } from 'vue-router'
import type { Seat, SwitchRequest } from '@/bridge/generated/types'
import DeskFrame from './DeskFrame.vue'
import { useSession } from './session'
import { listenForShortcuts } from './shortcuts'
import { desktop, show } from './testing'

let stop: () => void
beforeEach(() => (stop = listenForShortcuts()))
afterEach(() => stop())

const seat = (id: string, name: string, more: Partial<Seat> = {}): Seat => ({
  id,
  name,
  employee_number: '10' + id,
  department: '客服部',
  roles: ['reception'],
  signed_in: false,
  sitting: false,
  ...more,
})
const all = [
  seat('1', '孙丽', { signed_in: true, sitting: true }),
  seat('2', '李强', { signed_in: true }),
  seat('3', '周敏'),
]
const deskOf = ({ id, name }: Seat) => ({
  company: '示例公司',
  seat: id,
  member: name,
  roles: ['reception'],
  device_code: 'A03',
  recovery_confirmed: true,
  template: { blocks: [] },
  codes: {},
})

/** A desk whose list says `seats`, while `signed` have signed in. */
async function open(seats: Seat[] = all, signed: Seat[] = seats.filter((one) => one.signed_in)) {
  const calls = desktop({
    seats,
    switch_seat: ({ id, passphrase }: SwitchRequest) => {
      const found = seats.find((one) => one.id === id)
      if (!signed.some((one) => one.id === id) && !passphrase) throw { code: 'passphrase_required' }
      if (passphrase && passphrase !== '周敏的口令') throw { code: 'wrong_passphrase' }
      return deskOf(found as Seat)
    },
  })
  const session = useSession()
  session.status = { stage: 'open', idle_locked: false, wait_seconds: 0, version: '0.1.0' }
  session.desk = deskOf(all[0] as Seat) as never
  const { wrapper } = await show(DeskFrame)
  const press = async (key: string, ctrlKey = false) => {
    ;(document.activeElement ?? document.body).dispatchEvent(
      new KeyboardEvent('keydown', { key, ctrlKey, bubbles: true, cancelable: true }),
    )
    await flushPromises()
  }
  const asked = () => calls.filter(({ name }) => name === 'switch_seat').map(({ request }) => request)
  const switcher = () => wrapper.find('dialog')
  return { calls, session, wrapper, press, asked, switcher }
}

describe('the change of operator', () => {
  it('takes two keystrokes where that one has signed in', async () => {
    const { session, press, asked, switcher, wrapper } = await open()
    await press('u', true)
    await press('2')
    expect(asked()).toEqual([{ id: '2' }])
    expect(session.desk?.member).toBe('李强')
    expect(switcher().exists()).toBe(false)
    expect(wrapper.get('header').text()).toContain('李强')
  })

  it('does so too where the digit comes before the list', async () => {
    const { session, press } = await open()
    document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'u', ctrlKey: true, bubbles: true }))
    await Promise.resolve()
    await press('2')
    await flushPromises()
    expect(session.desk?.member).toBe('李强')
  })

  it('asks the passphrase of others, and again where it was wrong', async () => {
    const { session, press, asked, switcher, wrapper } = await open()
    await wrapper.get('[data-act="switch"]').trigger('click')
    await flushPromises()
    await press('3')
    const field = wrapper.get('[data-field="seat_passphrase"]')
    expect(document.activeElement).toBe(field.element)
    await field.setValue('猜的口令')
    await switcher().get('form').trigger('submit')
    await flushPromises()
    expect(switcher().get('[role="alert"]').text()).toContain('口令不正确')
    expect(session.desk?.member).toBe('孙丽')
    await wrapper.get('[data-field="seat_passphrase"]').setValue('周敏的口令')
    await switcher().get('form').trigger('submit')
    await flushPromises()
    expect(asked().at(-1)).toEqual({ id: '3', passphrase: '周敏的口令' })
    expect(session.desk?.member).toBe('周敏')
  })

  it('asks, too, where the sign-in was forgotten meanwhile', async () => {
    const { press, switcher } = await open(all, all.slice(0, 1))
    await press('u', true)
    await press('2')
    expect(switcher().find('[data-field="seat_passphrase"]').exists()).toBe(true)
  })

  it('says who sits there, who has signed in, and closes by Escape or by picking oneself', async () => {
    const { press, asked, switcher } = await open()
    await press('u', true)
    const rows = switcher()
      .findAll('[data-seat]')
      .map((row) => row.text())
    expect(rows.map((row) => row.match(/在席|已登录|需口令/)?.[0])).toEqual(['在席', '已登录', '需口令'])
    expect(rows[0]).toMatch(/101.*客服部.*接待/)
    expect(switcher().get('[aria-current="true"]').attributes('data-seat')).toBe('孙丽')
    await press('Escape')
    expect(switcher().exists()).toBe(false)
    await press('u', true)
    await press('1')
    expect(switcher().exists()).toBe(false)
    expect(asked()).toEqual([])
  })

  it('moves nobody while something is unsaved', async () => {
    const { session, press, asked, switcher } = await open()
    const forget = session.beforeLock(() => Promise.reject({ code: 'disk_full' }))
    await press('u', true)
    await press('2')
    expect(asked()).toEqual([])
    expect(switcher().get('[role="alert"]').text()).toContain('磁盘已满')
    forget()
    await press('2')
    expect(session.desk?.member).toBe('李强')
  })

  it('leaves the page and has it read anew', async () => {
    let read = 0
    const page = defineComponent({ setup: () => (onMounted(() => read++), () => h('i')) })
    const { press, wrapper } = await open()
    const view = wrapper.findComponent(RouterView)
    expect(view.exists()).toBe(true)
    const router = wrapper.vm.$router
    router.addRoute({ path: '/page', component: page })
    await router.push('/page')
    await flushPromises()
    expect(read).toBe(1)
    await press('u', true)
    await press('2')
    expect([router.currentRoute.value.path, read]).toEqual(['/page', 2])
  })
})
