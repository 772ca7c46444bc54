// Guards the intake page: drafts that outlive everything, registering, and fields that are left in peace.
import { flushPromises } from '@vue/test-utils'
import { describe, expect, it, vi } from 'vitest'
import type { Draft, DraftSaveRequest, RegisterRequest } from '@/bridge/generated/types'
import { desk, press, type } from '@/parts/testing'
import { useSession } from '@/shell/session'
import { useDrafts } from './drafts'
import { focused, intake } from './testing'

vi.mock('@/parts/pdf', () => ({
  openPdf: async () => ({ numPages: 1, destroy: async () => {} }),
  drawPage: async () => {},
}))

const kept = (name: string): Draft => ({
  id: '11111111-1111-4111-8111-111111111111',
  saved_at: '2026-11-21T10:41:07+08:00',
  values: { 'customer.name': name, received_at: '2026-11-21T10:40:00+08:00' },
  attachments: [],
  author: '',
})

describe('a draft', () => {
  it('is not kept before anything was entered, and is on disk within a second after', async () => {
    const { control, asked, pass, wrapper, router } = await intake()
    expect(router.currentRoute.value.path).toMatch(/^\/intake\/[0-9a-f-]{36}$/)
    expect(focused()).toBe('channel')
    await pass(5000)
    expect(asked('save_draft')).toEqual([])
    type(control('customer.name'), '㛃䶮')
    await pass(1000)
    const [saved] = asked<DraftSaveRequest>('save_draft')
    expect(saved!.values['customer.name']).toBe('㛃䶮')
    expect(router.currentRoute.value.path).toBe(`/intake/${saved!.id}`)
    expect(wrapper.find('[data-part=saved]').text()).toMatch(/^已保存 \d\d:\d\d:\d\d$/)
    expect(wrapper.find(`[data-draft="${saved!.id}"]`).text()).toContain('㛃䶮')
  })

  it('names its writer to whoever else sits here', async () => {
    const by = (author: string) => ({ ...kept('陈秀英'), author })
    const { wrapper } = await intake({ drafts: [by('李强')] })
    expect(wrapper.get('[data-draft]').text()).toContain('李强 填写')
    useDrafts().put(by(desk.member))
    await flushPromises()
    expect(wrapper.find('[data-author]').exists()).toBe(false)
  })

  it('that became a form is not opened again when the page is read anew', async () => {
    useDrafts().forget('22222222-2222-4222-8222-222222222222')
    const { control, asked, pass, router } = await intake({}, '/intake/22222222-2222-4222-8222-222222222222')
    expect(router.currentRoute.value.path).not.toContain('22222222')
    type(control('customer.name'), '陈秀英')
    await pass(1000)
    expect(asked('save_draft')).toHaveLength(1)
  })

  it('is forgotten once the desk is locked', async () => {
    const { pass } = await intake({ drafts: [kept('陈秀英')] })
    expect(useDrafts().all).toHaveLength(1)
    useSession().status = { stage: 'locked' } as never
    await pass(0)
    expect(useDrafts().all).toEqual([])
    useDrafts().put(kept('陈秀英'))
    expect(useDrafts().all).toEqual([])
  })

  it('is saved at once when the window is left', async () => {
    const { control, asked, pass } = await intake()
    type(control('customer.name'), '陈秀英')
    window.dispatchEvent(new Event('pagehide'))
    await pass(0)
    expect(asked('save_draft')).toHaveLength(1)
  })

  it('opens with what was typed, and is not saved anew for being opened', async () => {
    const draft = kept('阿依古丽·买买提')
    const { control, asked, pass } = await intake({ drafts: [draft] }, `/intake/${draft.id}`)
    expect(control('customer.name').value).toBe('阿依古丽·买买提')
    await pass(5000)
    expect(asked('save_draft')).toEqual([])
  })

  it('stays when Escape leads back to the list', async () => {
    const { control, asked, pass, router } = await intake()
    type(control('customer.name'), '陈秀英')
    press(control('customer.name'), 'Escape')
    await pass(0)
    expect(router.currentRoute.value.path).toBe('/forms')
    expect(asked('save_draft')).toHaveLength(1)
    expect(asked('discard_draft')).toEqual([])
  })

  it('is thrown away only after asking, and does not come back', async () => {
    const draft = kept('陈秀英')
    const { wrapper, control, asked, pass } = await intake({ drafts: [draft] }, `/intake/${draft.id}`)
    type(control('customer.name'), '陈秀英女士')
    await wrapper.find('[data-act=discard]').trigger('click')
    expect(asked('discard_draft')).toEqual([])
    await wrapper.find('[data-act=confirm]').trigger('click')
    await pass(5000)
    expect(asked('discard_draft')).toEqual([{ id: draft.id }])
    expect(asked('save_draft')).toEqual([])
    expect(wrapper.find(`[data-draft="${draft.id}"]`).exists()).toBe(false)
  })
})

describe('registering', () => {
  it('sends what was typed and nothing that the program fills in itself', async () => {
    const { wrapper, control, asked, pass } = await intake()
    press(control('channel'), '1')
    type(control('customer.name'), "O'Brien Liam")
    type(control('ring_count'), '2')
    await pass(0)
    expect(wrapper.find('[data-cell=picked_in_three]').text()).toBe('是')
    expect(wrapper.find('[data-cell="receiver.name"]').text()).toBe('周敏')
    press(control('channel'), 's', { ctrlKey: true })
    await pass(0)
    const [request] = asked<RegisterRequest>('register')
    expect(request!.draft).toBe(asked<DraftSaveRequest>('save_draft')[0]!.id)
    expect(Object.keys(request!.values).sort()).toEqual([
      'channel',
      'customer.name',
      'received_at',
      'ring_count',
    ])
    expect(wrapper.find('[data-number]').text()).toBe('KF-20261121-A03-0021')
    expect(wrapper.find('[data-draft]').exists()).toBe(false)
  })

  it('leads to the first wrong field on the paper, and says how many there are', async () => {
    const fields = [
      { field: 'description', problem: 'required' },
      { field: 'customer.phone', problem: 'not_a_phone' },
      { field: 'kind', problem: 'required' },
    ]
    const { wrapper, control, pass, asked } = await intake({
      register: () => {
        throw { code: 'invalid_fields', fields }
      },
    })
    type(control('customer.phone'), '无')
    press(control('customer.phone'), 's', { ctrlKey: true })
    await pass(0)
    expect(focused()).toBe('customer.phone')
    expect(wrapper.findAll('[data-error]').map((e) => e.attributes('data-error'))).toEqual([
      'customer.phone',
      'kind',
      'description',
    ])
    expect(wrapper.find('[data-part=summary]').text()).toContain('3')
    // From now on what is put right goes away by itself.
    type(control('customer.phone'), '13800138021')
    await pass(1000)
    expect(asked('check')).not.toEqual([])
    expect(wrapper.find('[data-error]').exists()).toBe(false)
  })

  it('does not happen by an Enter of the input method, nor twice at once', async () => {
    let finish = (_: unknown) => {}
    const { control, asked, pass } = await intake({
      register: () => new Promise((resolve) => (finish = resolve)),
    })
    press(control('customer.name'), 'Enter', { isComposing: true })
    press(control('customer.name'), 's', { ctrlKey: true, keyCode: 229 })
    await pass(0)
    expect(asked('register')).toEqual([])
    press(control('customer.name'), 's', { ctrlKey: true })
    press(control('customer.name'), 's', { ctrlKey: true })
    await pass(0)
    expect(asked('register')).toHaveLength(1)
    finish({ id: 'new', number: 'KF-1' })
  })

  it('is offered before printing, and P prints afterwards', async () => {
    const { wrapper, control, asked, pass } = await intake()
    press(control('channel'), 'p', { ctrlKey: true })
    await pass(0)
    expect(asked('register')).toEqual([])
    await wrapper.find('[data-act=confirm]').trigger('click')
    await pass(0)
    expect(asked('register')).toHaveLength(1)
    expect(asked('preview')).toEqual([{ sheet: { form: 'new' } }])
    await wrapper.find('[data-dialog=print] [data-act=close]').trigger('click')
    press(document.body, 'p')
    await pass(0)
    expect(asked('preview')).toHaveLength(2)
    await wrapper.find('[data-dialog=print] [data-act=close]').trigger('click')
    press(document.body, 'n')
    await pass(0)
    expect(wrapper.find('[data-field=channel]').exists()).toBe(true)
  })
})

describe('a field in peace', () => {
  it('is judged only after it was edited and left', async () => {
    const { wrapper, control, pass } = await intake({
      check: {
        fields: [
          { field: 'customer.phone', problem: 'not_a_phone' },
          { field: 'kind', problem: 'required' },
        ],
      },
    })
    control('customer.phone').focus()
    type(control('customer.phone'), '无')
    await pass(1000)
    expect(wrapper.find('[data-error]').exists()).toBe(false)
    control('customer.email').focus()
    await pass(1000)
    expect(wrapper.findAll('[data-error]').map((e) => e.attributes('data-error'))).toEqual(['customer.phone'])
  })
})
