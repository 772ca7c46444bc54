// Guards the way into a shared desk: the invite by keyboard, the wait for admission, the recovery kit of the one who made it.
import { flushPromises, type VueWrapper } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Standing, WorkspaceInfo } from '@/bridge/generated/types'
import { useSession } from '@/shell/session'
import { useShared } from '@/shell/shared'
import { desktop, show } from '@/shell/testing'
import FirstStartPage from './FirstStartPage.vue'
import JoiningPage from './JoiningPage.vue'
import JoinPage from './JoinPage.vue'
import RecoveryKitPage from './RecoveryKitPage.vue'

const focused = () => (document.activeElement as HTMLElement | null)?.dataset.field
const enter = async () => {
  document.activeElement?.dispatchEvent(
    new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }),
  )
  await flushPromises()
}
const type = (wrapper: VueWrapper, field: string, value: string) =>
  wrapper.get(`[data-field="${field}"]`).setValue(value)

describe('joining', () => {
  const answers: [string, string][] = [
    ['invite', '  KEFU1-abc\ndef  '],
    ['device_code', 'ｂ07'],
    ['passphrase', '清风明月七只大猫'],
    ['again', '清风明月七只大猫'],
  ]
  const done = { recovery_code: 'AAAAA-BBBBB', fingerprint: '1', sent: true, keyring: true }

  it('is offered on the first page, and can be left again', async () => {
    desktop({})
    const { wrapper } = await show(FirstStartPage)
    await wrapper.get('[data-act=join-instead]').trigger('click')
    expect(focused()).toBe('invite')
    await wrapper.get('[data-act=first-start]').trigger('click')
    await flushPromises()
    expect(focused()).toBe('company')
  })

  it('is filled in with Enter alone, and shows the recovery code of this machine first', async () => {
    const calls = desktop({ join_workspace: done, status: { stage: 'locked' } })
    const { wrapper } = await show(JoinPage)
    for (const [field, value] of answers) {
      expect(focused()).toBe(field)
      await type(wrapper, field, value)
      await enter()
    }
    expect(calls[0]).toEqual({
      name: 'join_workspace',
      request: { invite: 'KEFU1-abc\ndef', device_code: 'B07', passphrase: '清风明月七只大猫' },
    })
    expect(useSession().shownCode).toEqual({ code: 'AAAAA-BBBBB', keyring: true })
  })

  it('sends nothing that is missing or differs, and leads to it', async () => {
    const calls = desktop({})
    const { wrapper } = await show(JoinPage)
    await wrapper.get('form').trigger('submit')
    const wrong = () => wrapper.findAll('[data-error]').map((error) => error.attributes('data-error'))
    expect(wrong()).toEqual(['invite', 'device_code', 'passphrase'])
    expect(focused()).toBe('invite')
    for (const [field, value] of answers) await type(wrapper, field, value)
    await type(wrapper, 'again', '别的口令一二三四')
    await wrapper.get('form').trigger('submit')
    expect(wrong()).toEqual(['again'])
    expect(calls).toEqual([])
  })

  it.each([
    ['invite_unreadable', 'invite', '这不是完整的邀请'],
    ['invite_over', 'invite', '已过期'],
    ['bad_device_code', 'device_code', '终端码只能'],
  ])('says that %s and leads to the field', async (code, field, words) => {
    desktop({
      join_workspace: () => {
        throw { code }
      },
    })
    const { wrapper } = await show(JoinPage)
    for (const [name, value] of answers) await type(wrapper, name, value)
    await wrapper.get('form').trigger('submit')
    await flushPromises()
    expect(wrapper.get('[role=alert]').text()).toContain(words)
    expect(focused()).toBe(field)
    expect((wrapper.get('[data-field=device_code]').element as HTMLInputElement).value).toBe('B07')
  })
})

describe('waiting to be let in', () => {
  let away = () => {}
  beforeEach(() => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
  afterEach(() => {
    away()
    vi.useRealTimers()
  })

  const place: WorkspaceInfo = {
    id: 'w',
    fingerprint: 'AAAAA-BBBBB',
    address: 'db.example.cn:5432',
    database: 'kefu',
    since: '2026-11-22T09:00:00+08:00',
    waiting: '12345 23456 34567 45678 56789 67890',
    administers: false,
    founder: false,
  }
  const admitted = (): WorkspaceInfo => ({ ...place, waiting: undefined })

  /** A machine that waits; `answer` says what comes of asking. */
  async function waiting(answer: () => WorkspaceInfo) {
    const standing: Standing = { joined: false, online: false, busy: false, to_send: 0, log: 0, problems: [] }
    const nobody = {
      company: '',
      member: '',
      seat: '0',
      device_code: 'B07',
      template: { blocks: [] },
      codes: {},
    }
    const calls = desktop({
      workspace: { workspace: place },
      ask_admission: answer,
      standing: () => ({ ...standing }),
      desk: () => nobody,
      lock: { stage: 'locked' },
    })
    const session = useSession()
    session.desk = { ...nobody } as never
    session.status = { stage: 'open', idle_locked: false, wait_seconds: 0, version: '0.1.0' }
    const { wrapper } = await show(JoiningPage)
    away = () => wrapper.unmount()
    await flushPromises()
    const asked = () => calls.filter(({ name }) => name === 'ask_admission').length
    return { wrapper, standing, session, asked, nobody }
  }

  it('shows what to compare, and asks again by itself and on wish', async () => {
    const { wrapper, asked } = await waiting(() => place)
    expect(wrapper.get('[data-fingerprint]').text()).toBe(place.waiting)
    expect(wrapper.text()).toContain('终端码 B07')
    expect(asked()).toBe(1)
    await vi.advanceTimersByTimeAsync(10_000)
    expect(asked()).toBe(3)
    await wrapper.get('[data-act=ask]').trigger('click')
    expect(asked()).toBe(4)
  })

  it('goes on trying while the server is out of reach', async () => {
    let reachable = false
    const { wrapper, asked } = await waiting(() => {
      if (!reachable) throw { code: 'shared_unreachable' }
      return place
    })
    expect(wrapper.get('[data-again]').text()).toContain('连不上共享库')
    expect(wrapper.get('[data-fingerprint]').text()).toBe(place.waiting)
    reachable = true
    await vi.advanceTimersByTimeAsync(5_000)
    expect(asked()).toBe(2)
    expect(wrapper.find('[data-again]').exists()).toBe(false)
  })

  it('says what to do where the invite is over, and stops asking', async () => {
    const { wrapper, asked } = await waiting(() => {
      throw { code: 'invite_over' }
    })
    expect(wrapper.get('[data-over]').text()).toContain('新的邀请')
    expect(wrapper.find('[data-field=invite-again]').exists()).toBe(true)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(asked()).toBe(1)
  })

  it('counts what comes in once it was let in, and lets the member sit down', async () => {
    const { wrapper, standing, session } = await waiting(admitted)
    expect(wrapper.get('[data-progress]').text()).toBe('正在连接共享台…')
    Object.assign(standing, { joined: true, loading: { received: 1200, reached: 1200, last: 9000 } })
    await vi.advanceTimersByTimeAsync(5_000)
    expect(wrapper.get('[data-progress]').text()).toBe('已收到 1,200 条…')
    Object.assign(standing, { loading: undefined, online: true, last_exchange: '2026-11-22T09:05:00+08:00' })
    await vi.advanceTimersByTimeAsync(5_000)
    expect(wrapper.get('[data-progress]').text()).toContain('资料已到')
    await wrapper.get('[data-act=take-seat]').trigger('click')
    await flushPromises()
    expect(session.stage).toBe('locked')
  })

  it.each([
    ['once all is here', { online: true, last_exchange: '2026-11-22T09:05:00+08:00' }],
    ['while the rest is on its way', { busy: true, loading: { received: 40, reached: 500, last: 90_000 } }],
  ])('knows who sits here as soon as the desk does, %s', async (_, where) => {
    const { standing, session, nobody } = await waiting(admitted)
    nobody.member = '李强'
    Object.assign(standing, { joined: true, ...where })
    await vi.advanceTimersByTimeAsync(5_000)
    await flushPromises()
    expect(session.desk?.member).toBe('李强')
  })
})

describe('the recovery kit', () => {
  const lines = ['K7M2P-9XQ4R-T3VWB', 'H8NJD-C5FYS-2QRTA', 'MNBVC-XZASD-FGHJK', 'P0R1T-Y2U3W-Q4E5R']
  const made = { recovery_kit: lines, fingerprint: 'AAAAA-BBBBB-CCCCC-DDDDD-EEEEE', left: [] as string[] }

  async function kit(more: Partial<typeof made> = {}) {
    useSession().desk = { company: '示例公司' } as never
    const shared = useShared()
    shared.kit = { ...made, ...more }
    const { wrapper } = await show(RecoveryKitPage, { props: { made: { ...made, ...more } } })
    return { wrapper, shared }
  }

  it('is shown whole, and let go only after part of it was typed back', async () => {
    const { wrapper, shared } = await kit()
    for (const group of lines.flatMap((line) => line.split('-'))) expect(wrapper.text()).toContain(group)
    expect(wrapper.find('[data-left]').exists()).toBe(false)
    await wrapper.get('[data-act=kit-written]').trigger('click')
    await flushPromises()
    expect(focused()).toBe('kit_group')
    const asked = Number(wrapper.get('[data-field=kit_group]').attributes('data-group'))
    const right = lines.flatMap((line) => line.split('-'))[asked] ?? ''
    expect(wrapper.text()).not.toContain(right)
    expect(wrapper.text()).toContain(`第 ${Math.floor(asked / 3) + 1} 行的第 ${(asked % 3) + 1} 组`)
    await type(wrapper, 'kit_group', 'AAAAA')
    await wrapper.get('form').trigger('submit')
    expect(wrapper.find('[data-error=kit_group]').exists()).toBe(true)
    expect(shared.kit).toBeDefined()
    await type(wrapper, 'kit_group', right.toLowerCase())
    await wrapper.get('form').trigger('submit')
    expect(shared.kit).toBeUndefined()
  })

  it('can be looked at once more, and says what the server did not give up', async () => {
    const { wrapper } = await kit({ left: ['成员的登录名仍可调用 lo_create。'] })
    expect(wrapper.get('[data-left]').text()).toContain('lo_create')
    await wrapper.get('[data-act=kit-written]').trigger('click')
    await wrapper.get('[data-act=kit-again]').trigger('click')
    expect(wrapper.get('[data-recovery-kit]').findAll('li')).toHaveLength(4)
  })
})
