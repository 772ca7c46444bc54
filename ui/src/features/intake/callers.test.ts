// Guards what the intake page knows of who calls: known customers that fill in, calls that open a sheet, the apology.
import { describe, expect, it } from 'vitest'
import type { Draft, DraftSaveRequest, RegisterRequest } from '@/bridge/generated/types'
import { press, type } from '@/parts/testing'
import { useCalls } from '@/shell/calls'
import { useSession } from '@/shell/session'
import { focused, intake } from './testing'

const known = {
  name: '陈秀英',
  phone: '138 0013 8021',
  count: 2,
  values: {
    'customer.name': '陈秀英',
    'customer.phone': '138 0013 8021',
    'customer.salutation': 'ms',
    'product.name': '冷凝式燃气热水器',
  },
  forms: [1, 2].map((n) => ({
    id: `f${n}`,
    number: `KF-2026110${n}-A03-0001`,
    received_at: `2026-11-0${n}T08:41:00+08:00`,
    customer: '陈秀英',
    phone: '138 0013 8021',
    kind: 'complaint',
    category: 'product_fault',
    state: 'registered',
    channel: 'hotline',
    receiver: '周敏',
    product: '冷凝式燃气热水器',
    excerpt: '热水器打开后火焰突然熄灭',
  })),
}

describe('a known customer', () => {
  it('appears while the number is typed and fills in what is empty', async () => {
    const { wrapper, control, asked, pass } = await intake({ hints: [known] })
    press(control('customer.salutation'), '1')
    type(control('product.name'), '热水器')
    control('customer.phone').focus()
    type(control('customer.phone'), '138')
    await pass(500)
    expect(asked('hints')).toEqual([])
    type(control('customer.phone'), '13800')
    await pass(100)
    expect(asked('hints')).toEqual([{ phone: '13800' }])
    const phone = control('customer.phone')
    expect(focused()).toBe('customer.phone')
    expect(phone.getAttribute('aria-expanded')).toBe('true')
    expect(wrapper.find('[role=option]').text()).toContain('KF-20261101-A03-0001')
    press(phone, 'ArrowDown')
    await pass(0)
    expect(document.getElementById(phone.getAttribute('aria-activedescendant')!)?.dataset.hint).toBe('陈秀英')
    press(phone, 'Enter')
    await pass(0)
    expect(control('customer.name').value).toBe('陈秀英')
    expect(control('customer.phone').value).toBe('138 0013 8021')
    expect(control('product.name').value).toBe('热水器')
    expect(
      wrapper.find('[data-group="customer.salutation"] [data-option=mr]').attributes('aria-checked'),
    ).toBe('true')
    expect(wrapper.find('[role=listbox]').exists()).toBe(false)
    expect(focused()).toBe('customer.phone')
  })

  it('suggests how many times it was for the same product', async () => {
    const { wrapper, control, pass } = await intake({ hints: [known] })
    type(control('customer.name'), '陈秀')
    await pass(100)
    await wrapper.find('[role=option]').trigger('click')
    await pass(0)
    expect(control('occurrence').value).toBe('3')
    expect(wrapper.find('[data-cell=occurrence]').text()).toContain('2')
  })

  it('is put away by Escape, which then still leaves the sheet open', async () => {
    const { wrapper, control, pass, router } = await intake({ hints: [known] })
    type(control('customer.name'), '陈秀')
    await pass(100)
    press(control('customer.name'), 'Escape')
    await pass(0)
    expect(wrapper.find('[role=listbox]').exists()).toBe(false)
    expect(router.currentRoute.value.path).toMatch(/^\/intake\//)
  })

  it('does not keep Enter from going on while none is chosen', async () => {
    const { control, pass } = await intake({ hints: [known] })
    control('customer.name').focus()
    type(control('customer.name'), '陈秀')
    await pass(100)
    press(control('customer.name'), 'Enter')
    expect(focused()).toBe('customer.salutation')
  })
})

describe('a call', () => {
  const draft: Draft = {
    id: '22222222-2222-4222-8222-222222222222',
    saved_at: '2026-11-21T10:41:07+08:00',
    author: '周敏',
    values: {
      channel: 'hotline',
      'customer.phone': '13800138021',
      ring_count: 5,
      received_at: '2026-11-21T10:40:00+08:00',
    },
    attachments: [],
    call: { from: '13800138021', rings: 5, to: '', at: '2026-11-21T10:40:00+08:00' },
  }
  const library = {
    scripts: [{ id: 'late', when: { late: true }, say: ['您好，让您久等了。'] }],
    suggested: ['late'],
  }

  it('opens a draft of its own beside the sheet on screen, and asks who it is', async () => {
    const queue: Draft[] = []
    const { wrapper, control, asked, pass, router } = await intake({
      take_calls: () => queue.splice(0),
      waiting_calls: { count: 0 },
      hints: [known],
      scripts: library,
    })
    type(control('customer.name'), '欧阳文')
    await pass(10)
    queue.push(draft)
    useSession().status = { stage: 'open' } as never
    await useCalls().answer()
    await router.push(`/intake/${useCalls().unopened[0]}`)
    await pass(1000)
    const typed = asked<DraftSaveRequest>('save_draft').find((r) => r.values['customer.name'] === '欧阳文')
    expect(typed?.id).not.toBe(draft.id)
    expect(wrapper.find(`[data-draft="${typed!.id}"]`).text()).toContain('欧阳文')
    expect(control('customer.phone').value).toBe('13800138021')
    expect(control('ring_count').value).toBe('5')
    expect(asked('hints')).toEqual([{ phone: '13800138021' }])
    expect(wrapper.find('[role=option]').text()).toContain('陈秀英')
    expect(focused()).toBe('customer.phone')
    expect(wrapper.get('[data-part=call]').text()).toContain('13800138021')
    press(control('channel'), 's', { ctrlKey: true })
    await pass(0)
    expect(asked<RegisterRequest>('register')[0]).toMatchObject({ draft: draft.id, call: draft.call })
  })

  it('picked up after the third ring brings the apology, quietly', async () => {
    const { wrapper, control, pass } = await intake({ scripts: library })
    type(control('ring_count'), '3')
    await pass(0)
    expect(wrapper.find('[data-part=late]').exists()).toBe(false)
    type(control('ring_count'), '4')
    await pass(0)
    expect(wrapper.get('[data-part=late]').text()).toContain('您好，让您久等了。')
    expect(focused()).toBe('channel')
  })

  it('has plain words where the scripts do not answer', async () => {
    const { wrapper, control, pass } = await intake()
    type(control('ring_count'), '6')
    await pass(0)
    expect(wrapper.get('[data-part=late]').text()).toContain('非常抱歉')
  })
})
