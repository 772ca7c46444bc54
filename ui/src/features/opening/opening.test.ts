// Guards the way in: first start by keyboard alone, the recovery code, locked and blocked pages.
import { flushPromises, type VueWrapper } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { told, words } from '@/locales'
import { useCalls } from '@/shell/calls'
import { useSession } from '@/shell/session'
import { desktop, show } from '@/shell/testing'
import BlockedPage from './BlockedPage.vue'
import { exampleNumber, tidyDeviceCode } from './deviceCode'
import FirstStartPage from './FirstStartPage.vue'
import LockedPage from './LockedPage.vue'
import { askedGroup, sameGroup } from './recoveryCode'
import RecoveryCodePage from './RecoveryCodePage.vue'

const focused = () => (document.activeElement as HTMLElement | null)?.dataset.field
const enter = async (init: KeyboardEventInit = {}) => {
  document.activeElement?.dispatchEvent(
    new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true, ...init }),
  )
  await flushPromises()
}
const type = (wrapper: VueWrapper, field: string, value: string) =>
  wrapper.get(`[data-field="${field}"]`).setValue(value)

describe('the device code', () => {
  it.each([
    ['a03', 'A03'],
    ['Ａ０３', 'A03'],
    ['a-0 3', 'A03'],
    ['客服1', '1'],
    ['abcdef', 'ABCD'],
  ])('%s becomes %s', (typed, expected) => expect(tidyDeviceCode(typed)).toBe(expected))

  it('shows in the example number', () =>
    expect(exampleNumber('A03', new Date(2026, 10, 21))).toBe('KF-20261121-A03-0001'))
})

describe('first start', () => {
  const answers: [string, string][] = [
    ['company', ' 杭州示例电器有限公司 '],
    ['member', '单雄信'],
    ['employee_number', 'A1027'],
    ['post', ''],
    ['department', '客户服务部'],
    ['device_code', 'ａ03'],
    ['passphrase', ' 清风明月七只猫 '],
    ['again', ' 清风明月七只猫 '],
  ]
  const done = { recovery_code: 'AAAAA-BBBBB-CCCCC-DDDDD-EEEEE', device_code: 'A03', keyring: true }

  it('is filled in with Enter alone, and the last Enter sends', async () => {
    const calls = desktop({ setup: done, status: { stage: 'locked' } })
    const { wrapper } = await show(FirstStartPage)
    for (const [field, value] of answers) {
      expect(focused()).toBe(field)
      expect(calls).toEqual([])
      await type(wrapper, field, value)
      await enter()
    }
    expect(calls[0]).toEqual({
      name: 'setup',
      request: {
        company: '杭州示例电器有限公司',
        member: '单雄信',
        employee_number: 'A1027',
        post: '',
        department: '客户服务部',
        device_code: 'A03',
        passphrase: ' 清风明月七只猫 ',
      },
    })
    expect(useSession().shownCode?.code).toBe(done.recovery_code)
  })

  it('stays at a field whose name is still being composed', async () => {
    await show(FirstStartPage)
    await enter({ isComposing: true })
    expect(focused()).toBe('company')
  })

  it('sends nothing that is missing or differs, and leads to it', async () => {
    const calls = desktop({})
    const { wrapper } = await show(FirstStartPage)
    await wrapper.get('form').trigger('submit')
    expect(wrapper.find('[data-error="company"]').exists()).toBe(true)
    expect(focused()).toBe('company')
    for (const [field, value] of answers) await type(wrapper, field, value)
    await type(wrapper, 'again', '别的口令一二三')
    await wrapper.get('form').trigger('submit')
    expect(wrapper.findAll('[data-error]').map((error) => error.attributes('data-error'))).toEqual(['again'])
    expect(calls).toEqual([])
  })

  it('says what the desktop refused and keeps what was typed', async () => {
    desktop({
      setup: () => {
        throw { code: 'disk_full' }
      },
    })
    const { wrapper } = await show(FirstStartPage)
    for (const [field, value] of answers) await type(wrapper, field, value)
    await wrapper.get('form').trigger('submit')
    await flushPromises()
    expect(wrapper.get('[role="alert"]').text()).toContain('磁盘已满')
    expect((wrapper.get('[data-field="member"]').element as HTMLInputElement).value).toBe('单雄信')
    expect(wrapper.get('[data-act="setup"]').attributes('disabled')).toBeUndefined()
  })

  it('tells that Caps Lock is on', async () => {
    const { wrapper } = await show(FirstStartPage)
    const event = new KeyboardEvent('keydown', { key: 'A', bubbles: true })
    event.getModifierState = (key) => key === 'CapsLock'
    wrapper.get('[data-field="passphrase"]').element.dispatchEvent(event)
    await flushPromises()
    expect(wrapper.text()).toContain('大写锁定已打开')
  })
})

describe('the recovery code', () => {
  const code = 'K7M2P-9XQ4R-T3VWB-H8NJD-C5FYS'

  it('compares as people write', () => {
    expect(sameGroup(' 9xq4r ', '9XQ4R')).toBe(true)
    expect(sameGroup('９ＸＱ４Ｒ', '9XQ4R')).toBe(true)
    expect(sameGroup('', '9XQ4R')).toBe(false)
    expect(sameGroup('9XQ4', '9XQ4R')).toBe(false)
  })

  it('asks for each group but the first', () => {
    const asked = new Set([0, 0.3, 0.6, 0.99].map((random) => askedGroup(5, random)))
    expect([...asked].sort()).toEqual([1, 2, 3, 4])
  })

  async function asking() {
    const calls = desktop({ confirm_recovery: null })
    const session = useSession()
    session.shownCode = { code }
    const { wrapper } = await show(RecoveryCodePage, { props: { shown: { code } } })
    await wrapper.get('[data-act="written-down"]').trigger('click')
    const group = Number(wrapper.get('[data-field="recovery_group"]').attributes('data-group'))
    return { calls, session, wrapper, right: code.split('-')[group - 1] ?? '' }
  }

  it('is confirmed by typing the named group, and by nothing else', async () => {
    const { calls, session, wrapper, right } = await asking()
    expect(wrapper.text()).not.toContain(right)
    await type(wrapper, 'recovery_group', 'AAAAA')
    await wrapper.get('form').trigger('submit')
    expect(wrapper.find('[data-error="recovery_group"]').exists()).toBe(true)
    expect(calls).toEqual([])
    await type(wrapper, 'recovery_group', right.toLowerCase())
    await wrapper.get('form').trigger('submit')
    await flushPromises()
    expect(calls.map(({ name }) => name)).toEqual(['confirm_recovery'])
    expect(session.shownCode).toBeUndefined()
  })

  it('is put off only after the warning, and then counts as unconfirmed', async () => {
    const calls = desktop({})
    const session = useSession()
    session.shownCode = { code }
    const { wrapper } = await show(RecoveryCodePage, { props: { shown: { code } } })
    await wrapper.get('[data-act="postpone"]').trigger('click')
    expect(session.shownCode).toBeDefined()
    expect(wrapper.get('[role="status"]').text()).toContain('永远无法打开')
    await wrapper.get('[data-act="postpone-anyway"]').trigger('click')
    expect(session.shownCode).toBeUndefined()
    expect(calls).toEqual([])
  })
})

describe('the locked page', () => {
  beforeEach(() => vi.useFakeTimers())
  afterEach(() => vi.useRealTimers())

  const status = { stage: 'locked' as const, idle_locked: false, wait_seconds: 0, version: '0.1.0' }
  async function locked(more = {}, answers = {}) {
    const calls = desktop({ status: { ...status, ...more }, ...answers })
    useSession().status = { ...status, ...more }
    const { wrapper } = await show(LockedPage)
    return { calls, wrapper }
  }

  it.each(['missing', 'locked', 'no_entry', 'wrong'] as const)(
    'explains a keyring that is %s',
    async (keyring) => {
      const { wrapper } = await locked({ keyring })
      const sentences = words.opening as { keyring: Record<string, string> }
      expect(wrapper.text()).toContain(sentences.keyring[keyring])
      expect(focused()).toBe('passphrase')
    },
  )

  it('says that calls wait, and not who calls', async () => {
    const { wrapper } = await locked({}, { waiting_calls: { count: 2 } })
    expect(wrapper.find('[data-part=calls]').exists()).toBe(false)
    await useCalls().answer()
    await flushPromises()
    expect(wrapper.get('[data-part=calls]').text()).toBe('有 2 个来电等待登记，打开后自动带入。')
  })

  it('opens by passphrase', async () => {
    const { calls, wrapper } = await locked({}, { unlock: status })
    await type(wrapper, 'passphrase', ' 清风明月 ')
    await wrapper.get('form').trigger('submit')
    expect(calls[0]).toEqual({ name: 'unlock', request: { passphrase: ' 清风明月 ' } })
  })

  it('counts the wait down and lets nobody try before', async () => {
    const refuse = () => {
      throw { code: 'too_soon', params: { seconds: '3' } }
    }
    const { calls, wrapper } = await locked({}, { unlock: refuse })
    await type(wrapper, 'passphrase', 'wrong')
    await wrapper.get('form').trigger('submit')
    await flushPromises()
    expect(wrapper.text()).toContain('3 秒')
    await wrapper.get('form').trigger('submit')
    expect(calls.filter(({ name }) => name === 'unlock')).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(1500)
    expect(wrapper.text()).toContain('请等待 2 秒')
    await vi.advanceTimersByTimeAsync(2000)
    expect(wrapper.get('[data-act="unlock"]').attributes('disabled')).toBeUndefined()
    expect(focused()).toBe('passphrase')
  })

  it('learns after a wrong passphrase how long to wait', async () => {
    const refuse = () => {
      throw { code: 'wrong_passphrase' }
    }
    const { wrapper } = await locked(
      { wait_seconds: 0 },
      { unlock: refuse, status: { ...status, wait_seconds: 5 } },
    )
    await type(wrapper, 'passphrase', 'wrong')
    await wrapper.get('form').trigger('submit')
    await flushPromises()
    expect(wrapper.text()).toContain('请等待 5 秒')
  })

  it('opens by recovery code with a new passphrase, keyboard only', async () => {
    const { calls, wrapper } = await locked({}, { unlock: status })
    await wrapper.get('[data-act="recovery"]').trigger('click')
    await flushPromises()
    expect(focused()).toBe('code')
    for (const [field, value] of [
      ['code', 'k7m2p-9xq4r'],
      ['new_passphrase', '新的口令八个字'],
      ['again', '新的口令八个字'],
    ] as const) {
      await type(wrapper, field, value)
      await enter()
    }
    expect(calls).toEqual([])
    expect(focused()).toBe('new_passphrase')
    await type(wrapper, 'new_passphrase', '新的口令有八个字')
    await type(wrapper, 'again', '新的口令有八个字')
    await wrapper.get('form').trigger('submit')
    expect(calls[0]).toEqual({
      name: 'unlock',
      request: { recovery: { code: 'k7m2p-9xq4r', new_passphrase: '新的口令有八个字' } },
    })
  })
})

describe('a desk that cannot be opened', () => {
  it.each(['not_set_up', 'keys_unreadable', 'database_unreadable', 'database_newer'] as const)(
    'explains %s and what to do',
    async (code) => {
      expect(told(`opening.blocked.${code}.title`)).toBe(true)
      useSession().blocked = { code }
      const { wrapper } = await show(BlockedPage)
      expect(wrapper.findAll('li').length).toBeGreaterThan(1)
      expect(wrapper.text()).not.toContain('opening.')
    },
  )

  it('tries again', async () => {
    desktop({ status: { stage: 'locked' } })
    const session = useSession()
    session.blocked = { code: 'storage', detail_id: '7f3a' }
    const { wrapper } = await show(BlockedPage)
    expect(wrapper.text()).toContain('7f3a')
    await wrapper.get('[data-act="retry"]').trigger('click')
    await flushPromises()
    expect(session.blocked).toBeUndefined()
    expect(session.stage).toBe('locked')
  })
})
