import { describe, expect, it } from 'vitest'
import { nextTick } from 'vue'
import type { Author } from '@/bridge/generated/types'
import { show } from '@/shell/testing'
import FormSheet from './FormSheet.vue'
import { codes, press, template } from './testing'
import type { Values } from './values'

const description = { text: '热水器😡显示 E1，断电', marks: [[4, 9]] }

async function sheet(props: {
  authors?: Author[]
  values?: Values
  folded?: boolean
  errors?: Record<string, string>
}) {
  const { wrapper } = await show(FormSheet, {
    props: { template, codes, company: '云栖', values: {}, ...props },
  })
  return wrapper
}

const focused = () => (document.activeElement as HTMLElement).dataset.field

describe('the sheet being filled in', () => {
  const typed = template.blocks
    .flatMap((block) => block.rows.flat())
    .filter((field) => field.by === 'intake')
    .map((field) => field.key)

  it('goes by Enter through every field in the order of the paper, and past the last', async () => {
    const wrapper = await sheet({ authors: ['intake'], folded: true })
    wrapper.find<HTMLElement>('[data-field=channel]').element.focus()
    const visited = [focused()]
    while (wrapper.emitted('end') === undefined && visited.length < 100) {
      press(document.activeElement!, 'Enter', { ctrlKey: focused() === 'description' })
      visited.push(focused())
    }
    visited.pop()
    expect(visited).toEqual(typed)
  })

  it('has one stop a field for Tab, in the same order', async () => {
    const wrapper = await sheet({ authors: ['intake'], folded: true })
    const stops = wrapper
      .findAll<HTMLElement>('input, textarea, button')
      .filter(
        (control) => control.attributes('tabindex') !== '-1' && control.attributes('data-act') !== 'fold',
      )
    expect(stops.map((control) => control.attributes('data-field'))).toEqual(typed)
  })

  it('leaves Enter to a text of several lines, and goes on by Ctrl+Enter', async () => {
    const wrapper = await sheet({ authors: ['intake'] })
    const area = wrapper.find<HTMLElement>('[data-field=description]').element
    area.focus()
    expect(press(area, 'Enter')).toBe(false)
    expect(focused()).toBe('description')
    expect(press(area, 'Enter', { ctrlKey: true })).toBe(true)
    expect(focused()).toBe('demands')
  })

  it('does not move while an input method composes', async () => {
    const wrapper = await sheet({ authors: ['intake'] })
    const name = wrapper.find<HTMLElement>('[data-field="customer.name"]').element
    name.focus()
    expect(press(name, 'Enter', { isComposing: true })).toBe(false)
    expect(press(name, 'Enter', { keyCode: 229 })).toBe(false)
    expect(focused()).toBe('customer.name')
    press(name, 'Enter')
    expect(focused()).toBe('customer.salutation')
  })

  it('names every control and shows what is wrong beside it', async () => {
    const wrapper = await sheet({ authors: ['intake'], errors: { 'customer.phone': '不是电话号码' } })
    for (const control of wrapper.findAll('[data-field]')) {
      const name = control.attributes('aria-label') ?? control.text()
      expect(name, control.attributes('data-field')).not.toBe('')
    }
    const phone = wrapper.find('[data-field="customer.phone"]')
    expect(phone.attributes('aria-invalid')).toBe('true')
    expect(document.getElementById(phone.attributes('aria-describedby')!)?.textContent).toBe('不是电话号码')
    expect(wrapper.find('[data-error="customer.phone"]').text()).toBe('不是电话号码')
  })

  it('folds what later posts fill in, and leaves the program its own fields', async () => {
    const wrapper = await sheet({ authors: ['intake'], folded: true, values: { number: 'KF-1' } })
    expect(wrapper.find('[data-block=handling]').exists()).toBe(false)
    await wrapper.find('[data-act=fold]').trigger('click')
    expect(wrapper.emitted('update:folded')).toEqual([[false]])
    expect(wrapper.find('[data-cell=number]').text()).toBe('KF-1')
    expect(wrapper.find('[data-field=number]').exists()).toBe(false)
  })
})

describe('the sheet being read', () => {
  it('has no controls, ticks the boxes and keeps the marks', async () => {
    const wrapper = await sheet({ values: { description, demands: ['exchange'], informed: true } })
    expect(wrapper.findAll('[data-field]')).toHaveLength(0)
    expect(wrapper.find('[data-cell=description] mark').text()).toBe('显示 E1')
    expect(wrapper.find('[data-cell=description]').text()).toBe(description.text)
    expect(wrapper.find('[data-cell=demands] .on').text()).toBe('换货')
    expect(wrapper.find('[data-cell=informed]').text()).toBe('是')
    expect(wrapper.findAll('[data-block]')).toHaveLength(template.blocks.length)
  })
})

describe('lists of lines', () => {
  const lines = [{ id: 'a', values: { who: '孙立', note: '已约' } }]
  it('grow by lines and strike others out', async () => {
    const { wrapper } = await show(FormSheet, {
      props: {
        template,
        codes,
        company: '',
        values: {},
        lists: { process: lines },
        authors: ['process' as const],
        'onUpdate:added': (added: Record<string, Values[]>) => wrapper.setProps({ added }),
        'onUpdate:struck': (struck: string[]) => wrapper.setProps({ struck }),
      },
    })
    await wrapper.find('[data-act=add-process]').trigger('click')
    await nextTick()
    expect(focused()).toBe('process.0.at')
    await wrapper.find('[data-field="process.0.note"]').setValue('上门')
    expect(wrapper.props('added')).toEqual({ process: [{ note: '上门' }] })
    await wrapper.find('[data-line=a] .strike').trigger('click')
    expect(wrapper.props('struck')).toEqual(['a'])
    expect(wrapper.find('[data-line=a]').classes()).toContain('struck')
    await wrapper.find('[data-line=a] .strike').trigger('click')
    expect(wrapper.props('struck')).toEqual([])
  })
})
