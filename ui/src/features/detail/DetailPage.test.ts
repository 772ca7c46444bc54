import { flushPromises } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { RouterView } from 'vue-router'
import type { CorrectRequest, FormView } from '@/bridge/generated/types'
import { desk, press, type } from '@/parts/testing'
import { useSession } from '@/shell/session'
import { useShared } from '@/shell/shared'
import { listenForShortcuts } from '@/shell/shortcuts'
import { desktop, show } from '@/shell/testing'
import DetailPage from './DetailPage.vue'

vi.mock('@/parts/pdf', () => ({
  openPdf: async () => ({ numPages: 2, destroy: async () => {} }),
  drawPage: async () => {},
}))

const line = { id: 'p1', values: { at: '2026-11-02T14:10:00+08:00', who: '孙立', note: '已约' } }
const form = (more: Partial<FormView> = {}): FormView => ({
  id: 'f1',
  number: 'KF-20261102-A03-0001',
  state: 'registered',
  values: {
    number: 'KF-20261102-A03-0001',
    channel: 'hotline',
    received_at: '2026-11-02T08:41:00+08:00',
    'customer.name': '𠮷田设备（宁波）有限公司',
    'customer.phone': '0574-2766 1020',
    kind: 'complaint',
    description: { text: '每年保养四次😡，只做两次', marks: [[6, 7]] },
  },
  lists: { process: [line] },
  attachments: [],
  copies: 2,
  conflicts: [],
  offers: [],
  clocks: [],
  course: {
    followers: [],
    holder: '',
    offered_to: '',
    delegates: [],
    reopened: 0,
    level: 0,
    pauses: [],
    out_of_place: [],
  },
  statutory: [],
  masked: false,
  timeline: [
    {
      id: 't2',
      at: '2026-11-03T10:02:00+08:00',
      member: '周敏',
      act: 'correct',
      reason: '客户来电补充',
      fields: [{ field: 'mood', from: 'calm', to: 'agitated' }],
      added: { process: [line] },
      struck: [],
    },
    {
      id: 't1',
      at: '2026-11-02T08:49:00+08:00',
      member: '周敏',
      act: 'register',
      fields: [],
      added: {},
      struck: [],
    },
    {
      id: 't0',
      at: '2026-11-02T08:40:00+08:00',
      member: '周敏',
      act: 'hologram',
      fields: [],
      added: {},
      struck: [],
    },
  ],
  ...more,
})

let deaf = () => {}
beforeEach(() => (deaf = listenForShortcuts()))
afterEach(() => deaf())

async function detail(shown: FormView = form(), answers: Record<string, unknown> = {}) {
  const calls = desktop({
    show: shown,
    correct: shown,
    void_form: { ...shown, state: 'voided' },
    preview: new ArrayBuffer(8),
    ...answers,
  })
  useSession().desk = desk
  const { wrapper, router } = await show(RouterView)
  router.addRoute({ path: '/detail/:id', component: DetailPage })
  await router.push(`/detail/${shown.id}`)
  for (let i = 0; i < 20 && !wrapper.find('article').exists(); i++) await flushPromises()
  const asked = <T>(name: string) =>
    calls.filter((call) => call.name === name).map((call) => call.request as T)
  const control = (key: string) => wrapper.find<HTMLInputElement>(`[data-field="${key}"]`).element
  return { wrapper, router, asked, control }
}

describe('a registered form', () => {
  it('reads like the paper, with marks and history', async () => {
    const { wrapper } = await detail()
    expect(wrapper.find('h1[data-number]').text()).toBe('KF-20261102-A03-0001')
    expect(wrapper.find('[data-cell="customer.name"]').text()).toBe('𠮷田设备（宁波）有限公司')
    expect(wrapper.find('[data-cell=description] mark').text()).toBe('😡')
    expect(wrapper.findAll('[data-field]')).toHaveLength(0)
    const [corrected, registered, strange] = wrapper.findAll('[data-entry]').map((entry) => entry.text())
    for (const word of ['更正/补充', '周敏', '客户来电补充', '情绪', '平稳', '激动', '处理过程', '已约']) {
      expect(corrected).toContain(word)
    }
    expect(registered).toContain('登记')
    expect(strange).toContain('hologram')
  })

  it('marks a correction that was merged with one written elsewhere, and no other', async () => {
    const [corrected, ...others] = form().timeline
    const { wrapper } = await detail(
      form({ timeline: [{ ...corrected!, merged_with: ['李强', ''] }, ...others] }),
    )
    expect(wrapper.findAll('[data-merged]').map((sign) => sign.text())).toEqual([
      '与 李强、身份未知 的更正合并',
    ])
    expect(wrapper.get('[data-entry=correct] [data-merged]').attributes('title')).toContain('不同栏目')
  })

  it('says so when it is not there', async () => {
    const { wrapper } = await detail(form(), {
      show: () => {
        throw { code: 'not_found' }
      },
    })
    expect(wrapper.find('[role=alert]').text()).not.toBe('')
  })
})

describe('correcting', () => {
  it('sends what changed, the new lines and the struck ones, with the reason', async () => {
    const { wrapper, asked, control } = await detail()
    press(document.body, 'c')
    await flushPromises()
    type(control('customer.phone'), '0574-2766 1021')
    type(control('dispatch.department'), '维修一部')
    await wrapper.find('[data-act=add-process]').trigger('click')
    await wrapper.find('[data-field="process.0.note"]').setValue('上门')
    await wrapper.find('[data-line=p1] .strike').trigger('click')
    const told = wrapper.find('.correction').text()
    for (const word of ['0574-2766 1020', '0574-2766 1021', '维修一部', '上门', '划去'])
      expect(told).toContain(word)
    press(document.body, 's', { ctrlKey: true })
    await flushPromises()
    expect(asked('correct')).toEqual([])
    expect(wrapper.find('[data-error=reason]').exists()).toBe(true)
    await wrapper.find('[data-field=reason]').setValue(' 客户更正电话 ')
    await wrapper.find('[data-act=save]').trigger('click')
    await flushPromises()
    expect(asked<CorrectRequest>('correct')).toEqual([
      {
        id: 'f1',
        values: { 'customer.phone': '0574-2766 1021', 'dispatch.department': '维修一部' },
        add: { process: [{ note: '上门' }] },
        attachments: [],
        strike: ['p1'],
        reason: '客户更正电话',
      },
    ])
    expect(wrapper.findAll('[data-field]')).toHaveLength(0)
  })

  it('shows what was refused beside its field and stays', async () => {
    const { wrapper, control } = await detail(form(), {
      correct: () => {
        throw { code: 'invalid_fields', fields: [{ field: 'customer.phone', problem: 'not_a_phone' }] }
      },
    })
    await wrapper.find('[data-act=correct]').trigger('click')
    type(control('customer.phone'), '无')
    await wrapper.find('[data-field=reason]').setValue('更正')
    await wrapper.find('[data-act=save]').trigger('click')
    await flushPromises()
    expect(wrapper.find('[data-error="customer.phone"]').exists()).toBe(true)
    expect(document.activeElement).toBe(control('customer.phone'))
  })

  it('is not lost by Escape without asking', async () => {
    const { wrapper, router, control } = await detail()
    await wrapper.find('[data-act=correct]').trigger('click')
    type(control('customer.phone'), '110')
    press(control('customer.phone'), 'Escape')
    await flushPromises()
    expect(wrapper.find('[data-dialog=confirm]').exists()).toBe(true)
    await wrapper.find('[data-dialog=confirm] [data-act=cancel]').trigger('click')
    await flushPromises()
    expect(control('customer.phone').value).toBe('110')
    expect(router.currentRoute.value.path).toBe('/detail/f1')
    press(control('customer.phone'), 'Escape')
    await flushPromises()
    await wrapper.find('[data-act=confirm]').trigger('click')
    await flushPromises()
    expect(wrapper.findAll('[data-field]')).toHaveLength(0)
  })

  it('is not lost by leaving the page without asking', async () => {
    const { wrapper, router, control } = await detail()
    await wrapper.find('[data-act=correct]').trigger('click')
    type(control('customer.phone'), '110')
    const left = router.push('/forms')
    await flushPromises()
    await wrapper.find('[data-dialog=confirm] [data-act=cancel]').trigger('click')
    await left
    expect(router.currentRoute.value.path).toBe('/detail/f1')
    expect(control('customer.phone').value).toBe('110')
  })

  it('is taken up again after a lock', async () => {
    const first = await detail()
    await first.wrapper.find('[data-act=correct]').trigger('click')
    type(first.control('customer.phone'), '110')
    await flushPromises()
    first.wrapper.unmount()
    const second = await detail()
    expect(second.control('customer.phone').value).toBe('110')
    second.wrapper.unmount()
    const other = await detail(form({ timeline: [{ ...form().timeline[1]!, id: 't9' }] }))
    expect(other.wrapper.findAll('[data-field]')).toHaveLength(0)
  })

  it('decides a conflict by the value shown', async () => {
    const { wrapper, asked } = await detail(form({ conflicts: ['customer.phone'] }))
    expect(wrapper.find('[data-conflict="customer.phone"]').exists()).toBe(true)
    await wrapper.find('[data-act=correct]').trigger('click')
    await wrapper.find('[data-conflict="customer.phone"] button').trigger('click')
    await wrapper.find('[data-field=reason]').setValue('已与客户核实')
    await wrapper.find('[data-act=save]').trigger('click')
    await flushPromises()
    expect(asked<CorrectRequest>('correct')[0]!.values).toEqual({ 'customer.phone': '0574-2766 1020' })
  })
})

describe('declaring void', () => {
  it('needs a reason, and ends correcting', async () => {
    const { wrapper, asked } = await detail()
    await wrapper.find('[data-act=void]').trigger('click')
    await wrapper.find('[data-act=confirm]').trigger('click')
    expect(asked('void_form')).toEqual([])
    await wrapper.find('[data-dialog=confirm] [data-field=reason]').setValue('重复登记')
    await wrapper.find('[data-act=confirm]').trigger('click')
    await flushPromises()
    expect(asked('void_form')).toEqual([{ id: 'f1', reason: '重复登记' }])
    expect(wrapper.find('[data-state]').text()).toBe('已作废')
    expect(wrapper.find('[data-act=correct]').exists()).toBe(false)
    press(document.body, 'c')
    await flushPromises()
    expect(wrapper.findAll('[data-field]')).toHaveLength(0)
  })
})

describe('printing', () => {
  it('shows the pages, and says what to do where there is no printer', async () => {
    const { wrapper, asked } = await detail(form(), {
      print: () => {
        throw { code: 'printer_unavailable' }
      },
      save_pdf: { copy: 3, file: 'KF-20261102-A03-0001.pdf', cancelled: false },
    })
    press(document.body, 'p', { ctrlKey: true })
    await flushPromises()
    await flushPromises()
    expect(asked('preview')).toEqual([{ sheet: { form: 'f1' } }])
    expect(wrapper.findAll('canvas')).toHaveLength(2)
    press(document.body, 'p', { ctrlKey: true })
    await flushPromises()
    expect(asked('print')).toHaveLength(1)
    expect(wrapper.find('[data-dialog=print] [role=alert]').text()).toContain('另存为 PDF')
    await wrapper.find('[data-act=save-pdf]').trigger('click')
    await flushPromises()
    expect(wrapper.find('[data-dialog=print]').text()).toContain('KF-20261102-A03-0001.pdf')
    expect(asked('show')).toHaveLength(2)
    press(document.body, 'Escape')
    await flushPromises()
    expect(wrapper.find('[data-dialog=print]').exists()).toBe(false)
    expect(wrapper.find('article').exists()).toBe(true)
  })

  it('passes on why the printing system refused', async () => {
    const { wrapper } = await detail(form(), {
      print: () => {
        throw { code: 'printer_unavailable', params: { detail: 'lp: 缺纸' } }
      },
    })
    press(document.body, 'p', { ctrlKey: true })
    await flushPromises()
    await flushPromises()
    press(document.body, 'p', { ctrlKey: true })
    await flushPromises()
    const said = wrapper.find('[data-dialog=print] [role=alert]').text()
    expect(said).toContain('lp: 缺纸')
    expect(said).toContain('另存为 PDF')
  })

  it('says nothing where the person closed the dialog of the system', async () => {
    const { wrapper, asked } = await detail(form(), { save_pdf: { cancelled: true } })
    await wrapper.find('[data-act=preview]').trigger('click')
    await flushPromises()
    await flushPromises()
    await wrapper.find('[data-act=save-pdf]').trigger('click')
    await flushPromises()
    expect(wrapper.find('[data-dialog=print] .done').exists()).toBe(false)
    expect(asked('show')).toHaveLength(1)
  })
})

describe('a form of a shared desk', () => {
  it('shows what another machine did, but not while it is being corrected', async () => {
    let now = form({ unsent: true, conflicts: ['kind'] })
    const { wrapper } = await detail(now, { show: () => now })
    expect(wrapper.get('[data-unsent]').text()).toBe('未送出')
    expect(wrapper.get('[data-act=conflicts]').attributes('href')).toBe('/sync?section=conflicts')
    now = form({ state: 'dispatched', offers: [{ act: 'correct', fields: [], lists: [] }] as never })
    useShared().moved++
    await flushPromises()
    expect(wrapper.get('[data-state]').attributes('data-state')).toBe('dispatched')
    expect(wrapper.find('[data-unsent], [data-act=conflicts]').exists()).toBe(false)
    press(document.body, 'c')
    await flushPromises()
    now = form({ state: 'closed' })
    useShared().moved++
    await flushPromises()
    expect(wrapper.get('[data-state]').attributes('data-state')).toBe('dispatched')
  })
})
