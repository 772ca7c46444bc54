// Guards that a late answer never shows, that a dismissed form stays away, and that a choice is never written over.
import { effectScope } from 'vue'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Similar } from '@/bridge/generated/types'
import { REST, useSimilar } from './useSimilar'
import { useWarranty } from './useWarranty'

const row = (id: string) => ({ form: { id, number: id }, likely: true, same_fault: false })
const answer = (...ids: string[]) =>
  ({ forms: ids.map(row), nth: 1, before: [], days: 30 }) as unknown as Similar

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

it('asks once the typing rests, and only for what tells', async () => {
  const ask = vi.fn(async () => answer('a'))
  const similar = effectScope().run(() => useSimilar(ask))!
  similar.typed('channel', {})
  similar.typed('customer.phone', { 'customer.phone': '138' })
  similar.typed('customer.phone', { 'customer.phone': '1380' })
  await vi.advanceTimersByTimeAsync(REST)
  expect(ask).toHaveBeenCalledTimes(1)
  expect(similar.found.value?.forms).toHaveLength(1)
})

it('keeps away what was decided to be another matter', async () => {
  const replies = [answer('a'), answer('a', 'b')]
  const similar = effectScope().run(() => useSimilar(async () => replies.shift()!))!
  similar.typed('description', {})
  await vi.advanceTimersByTimeAsync(REST)
  similar.dismiss()
  expect(similar.found.value).toBeUndefined()
  similar.typed('description', {})
  await vi.advanceTimersByTimeAsync(REST)
  expect(similar.found.value?.forms.map(({ form }) => form.id)).toEqual(['b'])
})

it('says nothing of a warranty that nobody knows', async () => {
  const filled = vi.fn()
  const replies = [{ code: 'unknown' }, { code: 'in', until: '2027-05-20' }]
  const warranty = effectScope().run(() => useWarranty(async () => replies.shift()!, filled))!
  warranty.typed('product.serial', {})
  await vi.advanceTimersByTimeAsync(REST)
  expect(filled).not.toHaveBeenCalled()
  warranty.typed('product.serial', {})
  await vi.advanceTimersByTimeAsync(REST)
  expect(filled).toHaveBeenCalledWith('in', '2027-05-20')
  expect(warranty.mine({ 'product.warranty': 'in' })).toBe(true)
  expect(warranty.mine({ 'product.warranty': 'out' })).toBe(false)
})
