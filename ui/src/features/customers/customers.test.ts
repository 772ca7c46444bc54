// Guards the customers: found and opened, their history and warranty, asked before they are merged or erased, masked until
// somebody says what for, and every refusal in words.
import { flushPromises } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type {
  CustomerRow,
  CustomersRequest,
  CustomerView,
  FormRow,
  ProductView,
} from '@/bridge/generated/types'
import { desk } from '@/parts/testing'
import { useSession } from '@/shell/session'
import { desktop, show } from '@/shell/testing'
import CustomerPage from './CustomerPage.vue'
import CustomersPage from './CustomersPage.vue'

const row = (n: number, more: Partial<CustomerRow> = {}): CustomerRow => ({
  id: `c${n}`,
  name: `客户${n}`,
  phone: '138 0013 8021',
  forms: n,
  last_at: '2026-11-20T08:41:00+08:00',
  ...more,
})
const form = (n: number, more: Partial<FormRow> = {}): FormRow => ({
  id: `f${n}`,
  number: `KF-2026110${n}-A03-0001`,
  received_at: `2026-11-0${n}T08:41:00+08:00`,
  customer: '陈秀英',
  phone: '138 0013 8021',
  kind: 'complaint',
  category: 'product_fault',
  state: 'closed',
  channel: 'hotline',
  receiver: '周敏',
  product: '',
  excerpt: '热水器打开后火焰突然熄灭',
  ...more,
})
const product = (more: Partial<ProductView> = {}): ProductView => ({
  id: 'p1',
  serial: 'YX2600018',
  name: '冷凝式燃气热水器',
  model: 'YX-16L',
  terms: { purchased: '2025-03-01', months: 24 } as ProductView['terms'],
  warranty: { code: 'in', until: '2027-02-28' },
  forms: 1,
  ...more,
})
const view = (more: Partial<CustomerView> = {}): CustomerView => ({
  id: 'c1',
  name: '陈秀英',
  phone: '138 0013 8021',
  values: { 'customer.name': '陈秀英', 'customer.phone': '138 0013 8021', 'customer.address': '文三路 8 号' },
  corrected: [],
  forms: [form(2), form(1, { kind: 'repair', state: 'to_dispatch' })],
  products: [product()],
  merged: [],
  perhaps: [],
  masked: false,
  may_edit: true,
  may_hand_out: true,
  may_erase: true,
  open: [],
  kept: [],
  ...more,
})

let away = () => {}
beforeEach(() => (useSession().desk = desk))
afterEach(() => away())

/** The list, over `rows` by what is looked for. */
async function list(found: (request: CustomersRequest) => { rows: CustomerRow[]; total: number }) {
  const called = desktop({ customers: found })
  const { wrapper, router } = await show(CustomersPage)
  router.addRoute({ path: '/customers/:id', component: { template: '<i />' } })
  away = () => wrapper.unmount()
  await flushPromises()
  const asked = () => called.map((call) => call.request as CustomersRequest)
  const names = () => wrapper.findAll('[data-customer]').map((one) => one.attributes('data-customer'))
  return { wrapper, router, asked, names }
}

describe('the customers', () => {
  const pair = { rows: [row(2), row(1, { name: '' })], total: 2 }

  it('are listed with telephone, how often they called and when, and one is opened', async () => {
    const { wrapper, router, asked } = await list(() => pair)
    expect(asked()).toEqual([{ query: '', offset: 0, limit: 50 }])
    const [first, second] = wrapper.findAll('li')
    for (const words of ['客户2', '138 0013 8021', '2 张', '最近来电']) expect(first?.text()).toContain(words)
    expect(second?.text()).toContain('未留姓名')
    expect(wrapper.text()).toContain('共 2 位')
    await first?.get('button').trigger('click')
    await flushPromises()
    expect(router.currentRoute.value.path).toBe('/customers/c2')
  })

  it('are found by what is typed; an answer that comes late is not shown', async () => {
    const waiting: Record<string, (page: typeof pair) => void> = {}
    const { wrapper, names } = await list(
      ({ query }) => (query ? new Promise((resolve) => (waiting[query] = resolve)) : pair) as never,
    )
    const field = wrapper.get('[data-field=customer-query]')
    await field.setValue('chen')
    await field.setValue('chenxy')
    waiting['chenxy']?.({ rows: [row(7)], total: 1 })
    await flushPromises()
    expect(names()).toEqual(['客户7'])
    waiting['chen']?.({ rows: [row(8)], total: 1 })
    await flushPromises()
    expect(names()).toEqual(['客户7'])
  })

  it('are turned page by page, and a search begins at the first', async () => {
    const { wrapper, asked } = await list(() => ({ rows: [row(1)], total: 120 }))
    const [back, on] = wrapper.findAll('footer button')
    expect(back?.attributes('disabled')).toBeDefined()
    await on?.trigger('click')
    await on?.trigger('click')
    await flushPromises()
    expect(asked().map(({ offset }) => offset)).toEqual([0, 50, 100])
    expect(wrapper.get('footer').text()).toContain('101–120')
    expect(on?.attributes('disabled')).toBeDefined()
    await wrapper.get('[data-field=customer-query]').setValue('陈')
    await flushPromises()
    expect(asked().at(-1)).toEqual({ query: '陈', offset: 0, limit: 50 })
  })

  it('that are not there are said: none yet, or none found', async () => {
    const { wrapper } = await list(() => ({ rows: [], total: 0 }))
    expect(wrapper.text()).toContain('还没有客户')
    await wrapper.get('[data-field=customer-query]').setValue('无此人')
    await flushPromises()
    expect(wrapper.text()).toContain('没有找到客户')
    expect(wrapper.text()).not.toContain('还没有客户')
  })

  it('are refused in words', async () => {
    await list(() => {
      throw { code: 'disk_full' }
    })
    expect(document.body.textContent).toContain('磁盘已满')
  })
})

/** The page of a customer; `now` is what the desk holds of him and may be changed under way. */
async function opened(more: Partial<CustomerView> = {}, answers: Record<string, unknown> = {}) {
  const held = { now: view(more) }
  const called = desktop({ customer: () => held.now, ...answers })
  const { wrapper, router } = await show(CustomerPage)
  for (const path of ['/customers', '/customers/:id'])
    router.addRoute({ path, component: { template: '<i />' } })
  away = () => wrapper.unmount()
  await router.push('/customers/c1')
  await flushPromises()
  const asked = (name: string) => called.filter((call) => call.name === name).map((call) => call.request)
  const act = async (name: string) => {
    await wrapper.get(`[data-act=${name}]`).trigger('click')
    await flushPromises()
  }
  const give = (field: string, value: string) => wrapper.get(`[data-field="${field}"]`).setValue(value)
  return { wrapper, router, held, asked, act, give }
}

describe('the page of a customer', () => {
  it('shows the history, the newest first, and opens a form of it', async () => {
    const { wrapper, router } = await opened()
    const rows = wrapper.findAll('[data-row]')
    expect(rows.map((one) => one.attributes('data-row'))).toEqual([
      'KF-20261102-A03-0001',
      'KF-20261101-A03-0001',
    ])
    for (const words of ['投诉', '已关闭', '火焰突然熄灭']) expect(rows[0]?.text()).toContain(words)
    for (const words of ['报修', '待分发']) expect(rows[1]?.text()).toContain(words)
    expect(wrapper.text()).toContain('文三路 8 号')
    await rows[1]?.trigger('click')
    await flushPromises()
    expect(router.currentRoute.value.path).toBe('/forms/f1')
  })

  it.each([
    [{ code: 'in', until: '2027-02-28' }, '保内', '至 2027-02-28'],
    [{ code: 'out', until: '2025-01-31' }, '保外', '至 2025-01-31'],
    [{ code: 'unknown' }, '待核实', ''],
  ])('says where the warranty stands: %o', async (warranty, words, until) => {
    const windows = { seven_days: '2025-03-08', six_months: '2025-09-01' }
    const one = product({ warranty: warranty as ProductView['warranty'], windows })
    const { wrapper } = await opened({ products: [one] })
    const text = wrapper.get('[data-product=YX2600018]').text()
    for (const part of [
      words,
      until,
      '七日退货至 2025-03-08',
      '六个月举证至 2025-09-01',
      '购买日期 2025-03-01',
    ])
      expect(text).toContain(part)
    if (!until) expect(wrapper.get('.warranty').text()).toBe(words)
  })

  it('says that no product was named yet', async () => {
    const { wrapper } = await opened({ products: [], forms: [] })
    expect(wrapper.text()).toContain('登记表里还没有写到产品')
    expect(wrapper.find('[data-row]').exists()).toBe(false)
  })

  it('asks before likely duplicates are merged, and why', async () => {
    const together = view({ merged: [row(4)] })
    const { wrapper, asked, act, give } = await opened({ perhaps: [row(4)] }, { merge_customers: together })
    expect(wrapper.text()).toContain('可能是同一人')
    await act('merge')
    const box = wrapper.get('[data-dialog=confirm]')
    for (const words of ['并入 陈秀英', '可以取消']) expect(box.text()).toContain(words)
    await act('confirm')
    expect(box.text()).toContain('请填写原因')
    await act('cancel')
    expect(wrapper.find('[data-dialog=confirm]').exists()).toBe(false)
    await act('merge')
    await give('reason', ' 同一号码，本人确认 ')
    expect(asked('merge_customers')).toEqual([])
    await act('confirm')
    expect(asked('merge_customers')).toEqual([{ id: 'c4', into: 'c1', reason: '同一号码，本人确认' }])
    expect(wrapper.text()).toContain('已并入的客户')
    expect(wrapper.find('[data-act=merge]').exists()).toBe(false)
  })

  it('parts again who was merged by mistake', async () => {
    const { wrapper, held, asked, act, give } = await opened(
      { merged: [row(4)] },
      { merge_customers: () => view() },
    )
    await act('unmerge')
    await give('reason', '不是同一人')
    held.now = view()
    await act('confirm')
    expect(asked('merge_customers')).toEqual([{ id: 'c4', reason: '不是同一人' }])
    expect(wrapper.text()).not.toContain('已并入的客户')
  })

  it('sends of a correction what was changed, and shows it', async () => {
    const right = view({ name: '陈秀瑛', corrected: ['customer.name'] })
    const { wrapper, asked, act, give } = await opened({}, { correct_customer: right })
    await act('edit')
    await give('customer.name', '陈秀瑛')
    await give('customer.address', '')
    await give('reason', '本人来电更正')
    await act('confirm')
    expect(asked('correct_customer')).toEqual([
      {
        id: 'c1',
        values: { 'customer.name': '陈秀瑛', 'customer.address': null },
        reason: '本人来电更正',
      },
    ])
    expect(wrapper.get('h1').text()).toBe('陈秀瑛')
    expect(wrapper.text()).toContain('已更正')
  })

  it('sends the terms of a product as days and whole months', async () => {
    const { asked, act, give } = await opened({}, { save_product: () => view() })
    await act('product')
    await give('extended', '12')
    await give('from', '2026-01-01')
    await give('until', '2026-12-31')
    await give('reason', '补录延保')
    await act('confirm')
    expect(asked('save_product')).toMatchObject([
      {
        id: 'p1',
        customer: 'c1',
        serial: 'YX2600018',
        reason: '补录延保',
        terms: {
          purchased: '2025-03-01',
          months: 24,
          extended: 12,
          contract: { from: '2026-01-01', until: '2026-12-31' },
        },
      },
    ])
  })

  it('says what was refused, and keeps the question with what was written', async () => {
    const { wrapper, act, give } = await opened(
      { may_erase: true, open: ['KF-20261102-A03-0001'] },
      {
        erase: () => {
          throw { code: 'still_open', params: { number: 'KF-20261102-A03-0001' } }
        },
      },
    )
    await act('erase')
    expect(wrapper.get('[data-dialog=confirm]').text()).toContain('尚未关闭：KF-20261102-A03-0001')
    await give('reason', '客户要求')
    await act('confirm')
    expect(document.body.textContent).toContain('KF-20261102-A03-0001 尚未关闭，没有删除任何内容')
    expect(wrapper.get<HTMLTextAreaElement>('[data-field=reason]').element.value).toBe('客户要求')
    expect(wrapper.get('[data-act=confirm]').attributes('disabled')).toBeUndefined()
  })

  it('erases what must be kept only where that was ticked, and leaves the page', async () => {
    const { wrapper, router, asked, act, give } = await opened(
      {
        kept: [
          ['KF-1', '2029-11-02'],
          ['KF-2', ''],
        ],
      },
      { erase: { forms: 2, entries: 4, files: 0 } },
    )
    await act('erase')
    for (const words of ['KF-1 须保存至 2029-11-02', 'KF-2 须永久保存'])
      expect(wrapper.get('[data-dialog=confirm]').text()).toContain(words)
    await give('reason', '客户要求')
    await wrapper.get('[data-field=although]').setValue(true)
    await act('confirm')
    expect(asked('erase')).toEqual([{ id: 'c1', reason: '客户要求', although_kept: true }])
    expect(router.currentRoute.value.path).toBe('/customers')
  })

  it('stays masked until it was said what for', async () => {
    const hidden = { name: '陈**', phone: '138****8021', values: { 'customer.name': '陈**' }, masked: true }
    const { wrapper, held, asked, give } = await opened(hidden, { reveal: {} })
    expect(wrapper.text()).not.toContain('陈秀英')
    expect(wrapper.get('[data-act=reveal]').attributes('disabled')).toBeDefined()
    await wrapper.get('[data-part=masked]').trigger('submit')
    expect(asked('reveal')).toEqual([])
    await give('purpose', '核对上门地址')
    held.now = view()
    await wrapper.get('[data-part=masked]').trigger('submit')
    await flushPromises()
    expect(asked('reveal')).toEqual([{ id: 'f2', purpose: '核对上门地址' }])
    expect(wrapper.get('h1').text()).toBe('陈秀英')
    expect(wrapper.find('[data-part=masked]').exists()).toBe(false)
  })

  it('stays masked where that is refused', async () => {
    const { wrapper, give } = await opened(
      { name: '陈**', phone: '138****8021', masked: true },
      {
        reveal: () => {
          throw { code: 'not_allowed' }
        },
      },
    )
    await give('purpose', '好奇')
    await wrapper.get('[data-part=masked]').trigger('submit')
    await flushPromises()
    expect(document.body.textContent).toContain('当前席位的角色不能这样做')
    expect([wrapper.get('h1').text(), wrapper.find('[data-part=masked]').exists()]).toEqual(['陈**', true])
  })

  it('offers nothing to who may only look', async () => {
    const { wrapper } = await opened({
      may_edit: false,
      may_hand_out: false,
      may_erase: false,
      perhaps: [row(4)],
    })
    expect(wrapper.findAll('[data-act]')).toEqual([])
    expect(wrapper.text()).toContain('可能是同一人')
  })

  it('says why it cannot be shown', async () => {
    const { wrapper } = await opened(
      {},
      {
        customer: () => {
          throw { code: 'storage' }
        },
      },
    )
    expect(wrapper.get('[role=alert]').text()).toContain('磁盘或登记库读写出错')
  })
})
