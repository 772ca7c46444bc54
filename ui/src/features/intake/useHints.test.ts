import { flushPromises } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { effectScope } from 'vue'
import type { CustomerHint } from '@/bridge/generated/types'
import { occurrenceFor, questionFor, REST, useHints } from './useHints'

const hint = (name: string, more: Partial<CustomerHint> = {}): CustomerHint => ({
  name,
  phone: '',
  values: {},
  forms: [],
  count: 1,
  masked: false,
  ...more,
})

describe('what is asked', () => {
  it.each([
    ['customer.phone', '138', null],
    ['customer.phone', '1380', { phone: '1380' }],
    ['customer.phone', '１３８０', { phone: '１３８０' }],
    ['customer.phone', '+86 1', null],
    ['customer.name', '陈', null],
    ['customer.name', '𠮷', null],
    ['customer.name', '𠮷田', { name: '𠮷田' }],
    ['customer.name', 'cx', { name: 'cx' }],
    ['product.name', '热水器', null],
  ])('%s %s', (key, typed, expected) => expect(questionFor(key, typed)).toEqual(expected))
})

describe('answers', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('that come late for what is typed by now are dropped', async () => {
    const pending: ((found: CustomerHint[]) => void)[] = []
    const hints = effectScope().run(() => useHints(() => new Promise((resolve) => pending.push(resolve))))!
    hints.typed('customer.name', '陈秀')
    await vi.advanceTimersByTimeAsync(REST)
    hints.typed('customer.name', '陈秀英')
    await vi.advanceTimersByTimeAsync(REST)
    pending[1]!([hint('陈秀英')])
    pending[0]!([hint('陈秀兰')])
    await flushPromises()
    expect(hints.hints.value.map((h) => h.name)).toEqual(['陈秀英'])
  })

  it('are asked for once the typing rests', async () => {
    const ask = vi.fn(async () => [])
    const hints = effectScope().run(() => useHints(ask))!
    for (const typed of ['陈秀', '陈秀英', '陈秀英女']) {
      hints.typed('customer.name', typed)
      await vi.advanceTimersByTimeAsync(REST - 20)
    }
    expect(ask).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(20)
    expect(ask).toHaveBeenCalledExactlyOnceWith({ name: '陈秀英女' })
  })

  it('to a field that was left are dropped', async () => {
    const hints = effectScope().run(() => useHints(async () => [hint('陈秀英')]))!
    hints.typed('customer.name', '陈秀')
    hints.close()
    await vi.advanceTimersByTimeAsync(REST)
    expect(hints.open.value).toBe(false)
  })
})

describe('第几次反映', () => {
  const form = (product: string, state = 'registered') =>
    ({ product, state }) as CustomerHint['forms'][number]
  it('counts the forms about the same product', () => {
    const forms = [form('热水器'), form('冰箱'), form('热水器'), form('热水器', 'voided')]
    expect(occurrenceFor(hint('陈', { forms, count: 4 }), '热水器')).toBe(3)
    expect(occurrenceFor(hint('陈', { forms, count: 4 }), '洗衣机')).toBeNull()
    expect(occurrenceFor(hint('陈', { forms, count: 4 }), '')).toBeNull()
  })
  it('is not suggested where only the latest are known', () => {
    expect(occurrenceFor(hint('陈', { forms: [form('热水器')], count: 9 }), '热水器')).toBeNull()
  })
})
