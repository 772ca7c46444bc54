// Guards forms on paper: numbers set aside and printed, registered later under the paper's number and time, or given up.
import { flushPromises } from '@vue/test-utils'
import { describe, expect, it, vi } from 'vitest'
import type { BlankForm, RegisterRequest } from '@/bridge/generated/types'
import { press, type } from '@/parts/testing'
import { focused, intake } from './testing'

vi.mock('@/parts/pdf', () => ({
  openPdf: async () => ({ numPages: 1, destroy: async () => {} }),
  drawPage: async () => {},
}))

const form = (serial: number, own = true): BlankForm => ({
  number: `KF-20261120-${own ? 'A03' : 'B01'}-000${serial}`,
  printing: own ? 'first' : 'other',
  printed_at: '2026-11-20T18:00:00+08:00',
  by: '孙丽',
  own,
})

async function opened(answers: Record<string, unknown> = {}) {
  const page = await intake({ blank_forms: [form(4), form(5), form(1, false)], ...answers })
  await page.wrapper.get('[data-act=paper]').trigger('click')
  await flushPromises()
  return page
}

describe('forms on paper', () => {
  it('are printed with numbers set aside for them', async () => {
    const { wrapper, asked } = await opened({ reserve_forms: { printing: 'new', numbers: [] } })
    await wrapper.get('[data-field=sheets]').setValue(3)
    await wrapper.get('[data-act=reserve]').trigger('submit')
    await flushPromises()
    expect(asked('reserve_forms')).toEqual([{ sheets: 3 }])
    expect(asked('preview')).toEqual([{ sheet: { printing: 'new' } }])
    expect(wrapper.get('[data-dialog=print] h2').text()).toBe('打印空白表')
  })

  it('are registered under their number, at a time that the paper gives', async () => {
    const { wrapper, control, asked, pass } = await opened()
    await wrapper.get('[data-number$="0005"] [data-act=take-in]').trigger('click')
    for (let i = 0; i < 20 && !wrapper.find('[data-field=channel]').exists(); i++) await flushPromises()
    await pass(1)
    expect(wrapper.find('[data-dialog=paper]').exists()).toBe(false)
    expect(wrapper.text()).toContain('KF-20261120-A03-0005')
    expect(control('received_at').value).toBe('')
    expect(wrapper.text()).toContain('照纸上写的时间填')
    type(control('customer.name'), '陈秀英')
    await pass(1000)
    press(control('customer.name'), 's', { ctrlKey: true })
    await flushPromises()
    const [request] = asked<RegisterRequest>('register')
    expect(request!.values).toEqual({ number: 'KF-20261120-A03-0005', 'customer.name': '陈秀英' })
  })

  it('are taken up where they were left', async () => {
    const { wrapper, control, router, pass } = await opened()
    await wrapper.get('[data-number$="0004"] [data-act=take-in]').trigger('click')
    await flushPromises()
    type(control('customer.name'), '解敏')
    await pass(1000)
    const address = router.currentRoute.value.path
    await router.push('/intake')
    await flushPromises()
    await wrapper.get('[data-act=paper]').trigger('click')
    await flushPromises()
    await wrapper.get('[data-number$="0004"] [data-act=take-in]').trigger('click')
    await flushPromises()
    expect(router.currentRoute.value.path).toBe(address)
  })

  it('are given up with a reason, those of another desk only there', async () => {
    const { wrapper, asked } = await opened({ spoil_form: [form(5)] })
    expect(wrapper.get('[data-number*=B01]').text()).toContain('请在印出它的登记台补录')
    expect(wrapper.find('[data-number*=B01] button').exists()).toBe(false)
    await wrapper.get('[data-number$="A03-0004"] [data-act=spoil]').trigger('click')
    const confirm = wrapper.get('[data-act=spoil-confirm]')
    expect(confirm.attributes('disabled')).toBeDefined()
    expect(focused()).toBe('reason')
    await wrapper.get('[data-field=reason]').setValue('写坏')
    await confirm.trigger('submit')
    await flushPromises()
    expect(asked('spoil_form')).toEqual([{ number: 'KF-20261120-A03-0004', reason: '写坏' }])
    expect(wrapper.findAll('[data-dialog=paper] li')).toHaveLength(1)
  })
})
