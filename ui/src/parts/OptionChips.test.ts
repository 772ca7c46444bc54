import { describe, expect, it } from 'vitest'
import { nextTick } from 'vue'
import { show } from '@/shell/testing'
import OptionChips from './OptionChips.vue'
import { codes, press } from './testing'
import type { Choosing } from './useOptions'

/** A row of options that keeps what it is told, as a sheet does. */
async function row(list: string, choosing: Choosing, value: unknown = null) {
  const { wrapper } = await show(OptionChips, {
    props: {
      name: 'x',
      label: '选项',
      options: codes[list]!.items,
      choosing,
      modelValue: value,
      'onUpdate:modelValue': (next: unknown) => wrapper.setProps({ modelValue: next }),
    },
  })
  const keys = async (...typed: string[]) => {
    for (const key of typed) {
      press(wrapper.find('[data-field=x]').element, key)
      await nextTick()
    }
    return wrapper.props('modelValue')
  }
  return { wrapper, keys, value: () => wrapper.props('modelValue') }
}

describe('one choice', () => {
  it('goes by digits, 0 being the tenth', async () => {
    const { keys } = await row('category', 'one')
    expect(await keys('2')).toBe('product_fault')
    expect(await keys('0')).toBe('contract_invoice')
  })
  it('goes by the first letters of the pinyin', async () => {
    const { keys } = await row('category', 'one')
    expect(await keys('f', 'w', 's')).toBe('timeliness')
    const channel = await row('channel', 'one')
    expect(await channel.keys('w', 'b')).toBe('weibo')
  })
  it('starts a new word where the letters lead nowhere', async () => {
    const { keys } = await row('kind', 'one')
    expect(await keys('t', 's')).toBe('complaint')
    expect(await keys('b')).toBe('repair')
  })
  it('goes by arrows, and is emptied by Backspace', async () => {
    const { keys } = await row('mood', 'one')
    expect(await keys('ArrowRight')).toBe('displeased')
    expect(await keys('ArrowLeft', 'ArrowLeft')).toBe('agitated')
    expect(await keys('Backspace')).toBeNull()
  })
  it('is a radio group with one stop for Tab', async () => {
    const { wrapper, keys } = await row('mood', 'one')
    await keys('3')
    expect(wrapper.attributes('role')).toBe('radiogroup')
    const chips = wrapper.findAll('[role=radio]')
    expect(chips.map((chip) => chip.attributes('tabindex'))).toEqual(['-1', '-1', '0'])
    expect(chips.map((chip) => chip.attributes('aria-checked'))).toEqual(['false', 'false', 'true'])
    expect(document.activeElement).toBe(chips[2]!.element)
  })
  it('hears nothing of an input method, nor of shortcuts', async () => {
    const { wrapper, value } = await row('mood', 'one')
    const chip = wrapper.find('[data-field=x]').element
    press(chip, '1', { isComposing: true })
    press(chip, '1', { keyCode: 229 })
    press(chip, '1', { ctrlKey: true })
    expect(value()).toBeNull()
  })
  it('keeps Enter for the sheet', async () => {
    const { wrapper } = await row('mood', 'one')
    expect(press(wrapper.find('[data-field=x]').element, 'Enter')).toBe(false)
  })
})

describe('several choices', () => {
  it('are toggled by digits and Space, in the order of the paper', async () => {
    const { keys } = await row('demand', 'many')
    expect(await keys('5', '2')).toEqual(['exchange', 'compensation'])
    expect(await keys('2')).toEqual(['compensation'])
    expect(await keys('ArrowRight', ' ')).toEqual(['repair', 'compensation'])
  })
  it('let a longer word replace the option its beginning picked', async () => {
    const { keys } = await row('demand', 'many')
    expect(await keys('j')).toEqual(['explanation'])
    expect(await keys('s', 'z', 'c')).toEqual(['support'])
  })
  it('carry the moment each was agreed', async () => {
    const { keys } = await row('consent', 'dated', { recording: '2026-11-02T08:41:00+08:00' })
    const value = (await keys('1')) as Record<string, string>
    expect(Object.keys(value)).toEqual(['visit', 'recording'])
    expect(value['recording']).toBe('2026-11-02T08:41:00+08:00')
    expect(value['visit']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:00/)
    expect(await keys('1', '2')).toBeNull()
  })
})

it('shows a code of a newer version rather than lose it', async () => {
  const { wrapper } = await row('mood', 'one', 'furious')
  expect(wrapper.find('[data-option=furious]').attributes('aria-checked')).toBe('true')
})
