// Guards the shared desk in the settings: making one, its devices, invites, admission, taking a lost one out, its health.
import { flushPromises } from '@vue/test-utils'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { PendingJoin, WorkspaceInfo, WorkspaceSeat } from '@/bridge/generated/types'
import { useSession } from '@/shell/session'
import { useShared } from '@/shell/shared'
import { desktop, show, type Called } from '@/shell/testing'
import { emptyServer, serverRequest, wrongServer } from './serverForm'
import SharedSection from './SharedSection.vue'

const place: WorkspaceInfo = {
  id: 'w',
  fingerprint: 'AAAAA-BBBBB-CCCCC-DDDDD-EEEEE',
  address: 'db.example.cn:6432',
  database: 'kefu',
  since: '2026-11-20T09:00:00+08:00',
  administers: true,
  founder: true,
}
const seat = (device_code: string, name: string, more: Partial<WorkspaceSeat> = {}): WorkspaceSeat =>
  ({
    member: `m-${name}`,
    name,
    device: `d-${device_code}`,
    device_code,
    roles: ['reception'],
    status: 'active',
    admitted: '2026-11-20T09:00:00+08:00',
    seen: '2026-11-22T09:00:00+08:00',
    sent: 12,
    own: false,
    ...more,
  }) as WorkspaceSeat
const seats = [
  seat('A1', '周敏', { own: true, roles: ['admin', 'reception'] }),
  seat('B2', '李强'),
  seat('B3', '李强', { seen: undefined }),
  seat('C4', '王芳', { status: 'revoked' }),
]
const asked: PendingJoin = {
  id: 'aa',
  name: '孙立',
  device_code: 'D5',
  fingerprint: '12345 23456 34567 45678 56789 67890',
  expires: '2026-11-25T09:00:00+08:00',
  state: 'asked',
}
const invite = { text: 'KEFU1-secret', qr: 'M0 0h1v1z', side: 57, name: '孙立', expires: asked.expires }
const requests = (calls: Called[], name: string) =>
  calls.filter((call) => call.name === name).map((call) => call.request)

let away = () => {}
afterEach(() => {
  away()
  vi.useRealTimers()
})

async function section(workspace?: Partial<WorkspaceInfo>, answers = {}, roles = ['admin']) {
  const calls = desktop({
    workspace: workspace ? { workspace: { ...place, ...workspace } } : {},
    standing: { joined: true, online: true, busy: false, to_send: 0, log: 1, problems: [] },
    workspace_seats: seats,
    pending_joins: [],
    members: {
      roles: [],
      members: [
        { id: 'm1', name: '孙立', employee_number: '0512', roles: ['handler'], active: true },
        { id: 'm2', name: '已走', employee_number: '', roles: [], active: false },
      ],
    },
    ...answers,
  })
  useSession().desk = { seat: '1', roles, member: '周敏', template: { blocks: [] }, codes: {} } as never
  const { wrapper } = await show(SharedSection)
  away = () => wrapper.unmount()
  await flushPromises()
  const click = async (act: string) => {
    await wrapper.get(`[data-act="${act}"]`).trigger('click')
    await flushPromises()
  }
  return { calls, wrapper, click }
}

describe('the address of a server', () => {
  const filled = () =>
    Object.assign(emptyServer(), {
      host: ' ｄb.example.cn ',
      database: ' kefu ',
      login: ' postgres ',
      password: ' p ',
    })

  it('is asked for whole', () => {
    expect(Object.keys(wrongServer(emptyServer()))).toEqual(['host', 'database', 'login'])
    expect(wrongServer(filled())).toEqual({})
  })

  it.each(['', '0', '65536', '54x', '-1'])('has no port %j', (port) =>
    expect(Object.keys(wrongServer(Object.assign(filled(), { port })))).toEqual(['port']),
  )

  it('takes a certificate only in PEM', () => {
    const wrong = (authority: string) => wrongServer(Object.assign(filled(), { authority })).authority
    expect(wrong('MIIB')).toBe('shared.wrong.authority')
    expect(wrong('-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n')).toBeUndefined()
  })

  it('is sent without stray blanks, the password as it is', () => {
    expect(serverRequest(Object.assign(filled(), { port: '５４３２' }))).toEqual({
      host: 'db.example.cn',
      port: 5432,
      database: 'kefu',
      login: 'postgres',
      password: ' p ',
      authority: '',
      pooled: false,
    })
  })

  it('is known where the desk is shared already', () =>
    expect(emptyServer(place)).toMatchObject({ host: 'db.example.cn', port: '6432', database: 'kefu' }))
})

describe('a machine that the server does not know any more', () => {
  it('asks with a new invite, shows what to compare, and lists the devices once it is in', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const waiting = { ...place, waiting: '12345 23456 34567 45678 56789 67890' }
    let [state, lost]: [WorkspaceInfo, boolean] = [place, true]
    const { calls, wrapper } = await section(
      {},
      {
        workspace: () => ({ workspace: state }),
        workspace_seats: () => {
          if (lost) throw { code: 'shared_no_seat' }
          return seats
        },
        ask_admission: () => state,
        ask_again: () => (state = waiting),
        exchange: { joined: true, problems: [] },
      },
    )
    expect(wrapper.find('[data-rejoin]').exists()).toBe(false)
    useSession().status = { stage: 'open', idle_locked: false, wait_seconds: 0, version: '0.1.0' }
    await flushPromises()
    useShared().standing = { trouble: { code: 'shared_no_seat' }, problems: [] } as never
    await flushPromises()
    expect(wrapper.text()).not.toContain('不在这个共享台内')
    await wrapper.get('[data-field=invite-again]').setValue('KEFU1-new')
    await wrapper.get('[data-act=ask-again]').trigger('submit')
    await flushPromises()
    expect(requests(calls, 'ask_again')).toEqual([{ invite: 'KEFU1-new' }])
    expect(wrapper.get('[data-rejoin] [data-fingerprint]').text()).toBe(waiting.waiting)
    state = place
    lost = false
    await vi.advanceTimersByTimeAsync(5_000)
    await flushPromises()
    expect(wrapper.find('[data-rejoin]').exists()).toBe(false)
    expect(wrapper.findAll('[data-device]')).toHaveLength(4)
  })
})

describe('a machine of no administrator', () => {
  it('takes the desk over with the recovery kit, and says which line is wrong', async () => {
    let [slips, taken] = [true, false]
    const { calls, wrapper, click } = await section(
      { administers: false, founder: false },
      {
        workspace: () => ({ workspace: { ...place, administers: taken, founder: taken } }),
        take_over: () => {
          if (slips) {
            slips = false
            throw { code: 'kit_wrong', params: { detail: '2' } }
          }
          taken = true
          return place
        },
        desk: () => useSession().desk,
      },
    )
    await click('take-over')
    await wrapper.get('[data-field=kit]').setValue('AAAAA')
    await wrapper.get('[data-field="server.login"]').setValue('postgres')
    await wrapper.get('[data-take-over] form').trigger('submit')
    await flushPromises()
    expect(wrapper.get('[data-take-over]').text()).toContain('第 2 行有误')
    await wrapper.get('[data-take-over] form').trigger('submit')
    await flushPromises()
    expect(requests(calls, 'take_over')[1]).toMatchObject({ kit: 'AAAAA', server: { login: 'postgres' } })
    expect(wrapper.find('[data-take-over]').exists()).toBe(false)
    expect(wrapper.findAll('[data-act=revoke]')).toHaveLength(2)
  })
})

describe('a desk of its own', () => {
  const made = { recovery_kit: ['AAAAA-BBBBB-CCCCC'], fingerprint: 'F', left: [] }
  async function fill(wrapper: Awaited<ReturnType<typeof section>>['wrapper']) {
    for (const [field, value] of [
      ['host', 'db.example.cn'],
      ['database', 'kefu'],
      ['login', 'postgres'],
      ['password', 'geheim'],
    ])
      await wrapper.get(`[data-field="server.${field}"]`).setValue(value)
    await wrapper.get('form').trigger('submit')
    await flushPromises()
  }

  it('is told both ways to a shared one', async () => {
    const { wrapper } = await section()
    expect(wrapper.get('[data-way=create]').text()).toContain('建立共享台')
    expect(wrapper.get('[data-way=join]').text()).toContain('粘贴邀请')
  })

  it('is made a shared one by an administrator only', async () => {
    const { wrapper } = await section(undefined, {}, ['reception'])
    expect(wrapper.find('[data-act=create-shared]').exists()).toBe(false)
    expect(wrapper.get('[data-way=create]').text()).toContain('只有管理员')
  })

  it('is made a shared one, and the kit is on screen at once', async () => {
    let shared = false
    const { calls, wrapper, click } = await section(undefined, {
      workspace: () => (shared ? { workspace: place } : {}),
      create_workspace: () => {
        shared = true
        return made
      },
    })
    await click('create-shared')
    expect((document.activeElement as HTMLElement).dataset.field).toBe('server.host')
    await wrapper.get('[data-field="server.pooled"]').setValue(true)
    await fill(wrapper)
    expect(requests(calls, 'create_workspace')).toEqual([
      {
        host: 'db.example.cn',
        port: 5432,
        database: 'kefu',
        login: 'postgres',
        password: 'geheim',
        authority: '',
        pooled: true,
      },
    ])
    expect(useShared().kit).toEqual(made)
    expect(wrapper.text()).toContain('本机在共享台中')
  })

  it('sends nothing that is missing', async () => {
    const { calls, wrapper, click } = await section()
    await click('create-shared')
    await wrapper.get('form').trigger('submit')
    const wrong = wrapper.findAll('[data-error]').map((error) => error.attributes('data-error'))
    expect(wrong).toEqual(['server.host', 'server.database', 'server.login'])
    expect(requests(calls, 'create_workspace')).toEqual([])
  })

  it.each([
    ['shared_unreachable', 'server.host', '连不上共享库'],
    ['shared_tls', 'server.authority', '没有发送口令'],
    ['shared_login', 'server.login', '登录名或口令'],
    ['shared_may_not_install', 'server.login', 'CREATEROLE'],
    ['not_found', 'server.database', '服务器上没有这个库'],
  ])('says that %s and leads to the field', async (code, field, words) => {
    const { wrapper, click } = await section(undefined, {
      create_workspace: () => {
        throw { code }
      },
    })
    await click('create-shared')
    await fill(wrapper)
    expect(wrapper.get('form [role=alert]').text()).toContain(words)
    expect((document.activeElement as HTMLElement).dataset.field).toBe(field)
    expect((wrapper.get('[data-field="server.password"]').element as HTMLInputElement).value).toBe('geheim')
    expect(useShared().kit).toBeUndefined()
  })
})

describe('the devices', () => {
  it('are listed with roles and last contact', async () => {
    const { wrapper } = await section({})
    expect(wrapper.get('[data-device=A1]').text()).toMatch(/周敏.*A1.*本机.*管理员.*在用/)
    expect(wrapper.get('[data-device=B3]').text()).toContain('尚未联系')
    expect(wrapper.get('[data-device=C4]').text()).toContain('已停用')
    const revocable = wrapper.findAll('[data-act=revoke]')
    expect(revocable.map((button) => button.attributes('aria-label'))).toEqual([
      '停用 李强 的终端 B2',
      '停用 李强 的终端 B3',
    ])
  })

  it('are only looked at by others than administrators, and at machines that may not', async () => {
    for (const [more, roles] of [
      [{ administers: false }, ['admin']],
      [{}, ['reception']],
    ] as const) {
      const { calls, wrapper } = await section(more, {}, [...roles])
      expect(wrapper.findAll('[data-device]')).toHaveLength(4)
      expect(wrapper.find('[data-act=revoke], [data-act=invite], [data-act=upgrade]').exists()).toBe(false)
      expect(requests(calls, 'pending_joins')).toEqual([])
      wrapper.unmount()
    }
  })

  it('are taken out by two clicks, the second after what it does', async () => {
    const { calls, wrapper } = await section({}, { revoke: seats.slice(0, 1) })
    await wrapper.get('[data-device=B2] [data-act=revoke]').trigger('click')
    expect(requests(calls, 'revoke')).toEqual([])
    expect(wrapper.get('dialog').text()).toContain('密钥随即更换')
    await wrapper.get('dialog [data-act=confirm]').trigger('click')
    await flushPromises()
    expect(requests(calls, 'revoke')).toEqual([{ device: 'd-B2' }])
    expect(wrapper.find('[data-device=B2]').exists()).toBe(false)
  })

  it('are taken out with all others of the same member on wish', async () => {
    const { calls, wrapper } = await section({}, { revoke: seats.slice(0, 1) })
    await wrapper.get('[data-device=B2] [data-act=revoke]').trigger('click')
    await wrapper.get('dialog [data-field=everywhere]').setValue(true)
    await wrapper.get('dialog [data-act=confirm]').trigger('click')
    await flushPromises()
    expect(requests(calls, 'revoke')).toEqual([{ member: 'm-李强' }])
  })

  it('say why they cannot be listed', async () => {
    const { wrapper } = await section(
      {},
      {
        workspace_seats: () => {
          throw { code: 'shared_unreachable' }
        },
      },
    )
    expect(wrapper.get('[role=alert]').text()).toContain('连不上共享库')
  })
})

describe('invites', () => {
  it('are for active members, shown as text and QR code until closed', async () => {
    const { calls, wrapper, click } = await section({}, { invite })
    const names = wrapper.findAll('[data-field="invite.member"] option').map((option) => option.text())
    expect(names).toEqual(['请选择', '孙立 · 0512 · 部门处理'])
    await wrapper.get('[data-act=invite]').trigger('submit')
    expect(wrapper.find('[data-error="invite.member"]').exists()).toBe(true)
    await wrapper.get('[data-field="invite.member"]').setValue('m1')
    await wrapper.get('[data-field="invite.days"]').setValue('7')
    await wrapper.get('[data-act=invite]').trigger('submit')
    await flushPromises()
    expect(requests(calls, 'invite')).toEqual([{ member: 'm1', days: 7 }])
    expect((wrapper.get('[data-field="invite.text"]').element as HTMLTextAreaElement).value).toBe(
      'KEFU1-secret',
    )
    const qr = wrapper.get('svg[role=img]')
    expect(qr.attributes()).toMatchObject({ 'aria-label': '给 孙立 的邀请二维码', viewBox: '-4 -4 65 65' })
    expect(qr.get('path').attributes('d')).toBe(invite.qr)
    await click('close-invite')
    expect(wrapper.text()).not.toContain('KEFU1-secret')
  })

  it('lead to admission after both screens were compared', async () => {
    const { calls, wrapper, click } = await section({}, { pending_joins: [asked], admit_device: seats })
    expect(wrapper.get('[data-join=asked]').text()).toContain('孙立 的电脑（终端码 D5）请求加入')
    expect(wrapper.get('[data-fingerprint]').text()).toBe(asked.fingerprint)
    await click('admit')
    expect(requests(calls, 'admit_device')).toEqual([{ id: 'aa' }])
  })

  it('admit nobody whose screen shows something else', async () => {
    const { calls, wrapper, click } = await section({}, { pending_joins: [asked], withdraw_invite: [] })
    await click('refuse')
    expect(requests(calls, 'withdraw_invite')).toEqual([{ id: 'aa' }])
    expect(document.body.textContent).toContain('没有准入')
    expect(wrapper.find('[data-join]').exists()).toBe(false)
    expect(requests(calls, 'admit_device')).toEqual([])
  })

  it('are taken back while nobody has used them', async () => {
    const open = { ...asked, state: 'open', device_code: '', fingerprint: '' }
    const { calls, click } = await section({}, { pending_joins: [open], withdraw_invite: [] })
    await click('withdraw')
    expect(requests(calls, 'withdraw_invite')).toEqual([{ id: 'aa' }])
    expect(document.body.textContent).toContain('已收回给 孙立 的邀请')
  })

  it.each([
    ['open', '还没有人使用'],
    ['elsewhere', '另一台管理电脑'],
    ['false', '不能准入'],
    ['from_a_newer_version', '新版本'],
  ])('that are %s cannot be admitted', async (state, words) => {
    const { wrapper } = await section({}, { pending_joins: [{ ...asked, state }] })
    expect(wrapper.get('[data-join]').text()).toContain(words)
    expect(wrapper.find('[data-act=admit]').exists()).toBe(false)
  })

  it('are looked after while the page is open', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const pending: PendingJoin[] = []
    const { wrapper } = await section({}, { pending_joins: () => [...pending] })
    expect(wrapper.find('[data-join]').exists()).toBe(false)
    pending.push(asked)
    await vi.advanceTimersByTimeAsync(10_000)
    expect(wrapper.find('[data-join=asked]').exists()).toBe(true)
  })
})

describe('the server', () => {
  it('is checked, with how to mend what is not in order', async () => {
    const lines = [
      { what: 'reach', good: true, found: '已连接。', mend: '' },
      { what: 'clock', good: false, found: '相差 400 秒。', mend: '请校准本机时间。' },
      { what: 'of_a_newer_version', good: true, found: '好。', mend: '' },
    ]
    const { wrapper, click } = await section({}, { check_workspace: lines })
    await click('check')
    expect(wrapper.get('[data-checked]').text()).toBe('有 1 项需要处理。')
    expect(wrapper.get('[data-check=clock]').text()).toMatch(/时间.*要处理.*相差 400 秒。.*请校准本机时间。/)
    expect(wrapper.get('[data-check=of_a_newer_version]').text()).toContain('of_a_newer_version')
  })

  it('is upgraded at the address that is known', async () => {
    const upgraded = [{ what: 'schema', good: true, found: '共享库已从版本 1 升级到 2。', mend: '' }]
    const { calls, wrapper, click } = await section({}, { upgrade_workspace: upgraded })
    await click('upgrade')
    await wrapper.get('[data-field="server.login"]').setValue('postgres')
    await wrapper.get('[data-act=send-server]').trigger('submit')
    await flushPromises()
    expect(requests(calls, 'upgrade_workspace')[0]).toMatchObject({ host: 'db.example.cn', port: 6432 })
    expect(wrapper.get('[data-check=schema]').text()).toContain('升级到 2')
  })

  it('is said to have been put back only after a question', async () => {
    const { calls, wrapper, click } = await section({}, { put_back: null })
    await click('put-back')
    expect(requests(calls, 'put_back')).toHaveLength(0)
    await wrapper.get('dialog [data-act=confirm]').trigger('click')
    await flushPromises()
    expect(requests(calls, 'put_back')).toHaveLength(1)
  })
})
