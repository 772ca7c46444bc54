import { describe, expect, it } from 'vitest'
import { nextTick } from 'vue'
import { show } from '@/shell/testing'
import FlagBox from './FlagBox.vue'
import type { Marked } from './marks'
import MarkedField from './MarkedField.vue'
import { rfc3339 } from './moment'
import MomentField from './MomentField.vue'
import NumberField from './NumberField.vue'
import { press, type } from './testing'
import TextField from './TextField.vue'

async function control<P extends { modelValue: unknown }>(component: unknown, props: P) {
  let last = props.modelValue
  const { wrapper } = await show(component as typeof TextField, {
    props: {
      name: 'x',
      label: '栏目',
      ...props,
      'onUpdate:modelValue': (modelValue: unknown) => {
        last = modelValue
        return wrapper.setProps({ modelValue } as never)
      },
    } as never,
  })
  const element = wrapper.find<HTMLInputElement>('[data-field=x]').element
  return { wrapper, element, value: () => last }
}

describe('text', () => {
  it('is told once composed, not while composing', async () => {
    const { element, value } = await control(TextField, { kind: 'text', modelValue: null })
    element.value = "chen'xiu"
    element.dispatchEvent(new InputEvent('input', { isComposing: true }))
    expect(value()).toBeNull()
    element.value = '陈秀'
    element.dispatchEvent(new CompositionEvent('compositionend'))
    expect(value()).toBe('陈秀')
  })
  it('keeps a telephone as typed', async () => {
    const { element, value } = await control(TextField, { kind: 'phone', modelValue: null })
    type(element, '0579-8552 7733 转 801')
    expect(value()).toBe('0579-8552 7733 转 801')
  })
})

describe('marked text', () => {
  const text = '😡火焰突然熄灭，显示 E1'
  const select = (element: HTMLInputElement, words: string) => {
    const at = element.value.indexOf(words)
    element.setSelectionRange(at, at + words.length)
  }
  it('marks the selection by Ctrl+M, and takes the mark off again', async () => {
    const { wrapper, element, value } = await control(MarkedField, {
      rows: 3,
      modelValue: { text, marks: [] },
    })
    select(element, '突然熄灭')
    expect(press(element, 'm', { ctrlKey: true })).toBe(true)
    expect(value()).toEqual({ text, marks: [[3, 7]] })
    await nextTick()
    expect(wrapper.find('.copy mark').text()).toBe('突然熄灭')
    select(element, '突然熄灭')
    press(element, 'm', { metaKey: true })
    expect((value() as Marked).marks).toEqual([])
  })
  it('keeps the marks in place while the text before and inside them is edited', async () => {
    const { element, value } = await control(MarkedField, { rows: 3, modelValue: { text, marks: [[3, 7]] } })
    type(element, `𠮷${text}`, 2)
    expect((value() as Marked).marks).toEqual([[4, 8]])
    type(element, `𠮷${text.replace('突然', '突然又')}`, `𠮷😡火焰突然又`.length)
    expect((value() as Marked).marks).toEqual([[4, 9]])
    type(element, '')
    expect(value()).toBeNull()
  })
  it('follows the text under composition with the marks', async () => {
    const { wrapper, element, value } = await control(MarkedField, {
      rows: 3,
      modelValue: { text: '停电', marks: [[0, 2]] },
    })
    element.value = 'jia停电'
    element.setSelectionRange(3, 3)
    element.dispatchEvent(new InputEvent('input', { isComposing: true }))
    await nextTick()
    expect(wrapper.find('.copy mark').text()).toBe('停电')
    expect(value()).toEqual({ text: '停电', marks: [[0, 2]] })
    element.value = '家停电'
    element.setSelectionRange(1, 1)
    element.dispatchEvent(new CompositionEvent('compositionend'))
    expect(value()).toEqual({ text: '家停电', marks: [[1, 3]] })
  })
})

describe('a moment', () => {
  it('is told as RFC 3339 and shown in full once left', async () => {
    const { element, value } = await control(MomentField, { kind: 'datetime', modelValue: null })
    const year = new Date().getFullYear()
    type(element, `${year}1102 0841`)
    expect(value()).toBe(rfc3339(new Date(year, 10, 2, 8, 41)))
    expect(element.value).toBe(`${year}1102 0841`)
    element.dispatchEvent(new FocusEvent('blur'))
    await nextTick()
    expect(element.value).toBe(`${year}-11-02 08:41`)
  })
  it('keeps what it cannot read, for the check to name', async () => {
    const { element, value } = await control(MomentField, { kind: 'datetime', modelValue: null })
    type(element, '上周吧')
    expect(value()).toBe('上周吧')
  })
  it('is not told anew by being left', async () => {
    const { wrapper, element } = await control(MomentField, {
      kind: 'datetime',
      modelValue: '2026-11-02T08:41:07+08:00',
    })
    element.dispatchEvent(new FocusEvent('blur'))
    expect(wrapper.emitted('update:modelValue')).toBeUndefined()
  })
  it('goes up and down by arrows', async () => {
    const { element, value } = await control(MomentField, { kind: 'date', modelValue: '2026-11-02' })
    element.setSelectionRange(10, 10)
    press(element, 'ArrowUp')
    expect(value()).toBe('2026-11-03')
  })
})

describe('numbers', () => {
  it('take full-width digits and keep what is none', async () => {
    const { element, value } = await control(NumberField, { kind: 'integer', modelValue: null })
    type(element, '１２')
    expect(value()).toBe(12)
    type(element, '两次')
    expect(value()).toBe('两次')
  })
  it('take yuan and keep fen', async () => {
    const { element, value } = await control(NumberField, { kind: 'money', modelValue: null })
    type(element, '120.5')
    expect(value()).toBe(12050)
    await nextTick()
    expect(element.value).toBe('120.5')
    type(element, '3,600')
    expect(value()).toBe(360000)
  })
})

it('ticks a box by Space and clears it by Backspace', async () => {
  const { element, value } = await control(FlagBox, { modelValue: null })
  press(element, ' ')
  expect(value()).toBe(true)
  await nextTick()
  press(element, 'Backspace')
  expect(value()).toBeNull()
})
