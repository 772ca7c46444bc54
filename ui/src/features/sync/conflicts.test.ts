// Guards the conflict inbox: both values with who wrote them, one key to decide, one text of both, nothing decided unseen.
import { flushPromises } from '@vue/test-utils'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Conflict, ConflictValue, ResolveRequest } from '@/bridge/generated/types'
import { codes, desk, fieldOf, press } from '@/parts/testing'
import { useSession } from '@/shell/session'
import { useShared } from '@/shell/shared'
import { desktop, show } from '@/shell/testing'
import ConflictInbox from './ConflictInbox.vue'
import { fieldWords, mergeDraft, mergedValue, recordWords, valueWords } from './conflictWords'

const value = (text: unknown, member: string, more: Partial<ConflictValue> = {}): ConflictValue => ({
  value: text,
  member,
  device: member === '周敏' ? 'A1' : 'B2',
  at: '2026-11-22T09:41:00+08:00',
  stamp: `stamp of ${member}`,
  counts: member === '周敏',
  ...more,
})
const conflict = (field: string, values: ConflictValue[], more: Partial<Conflict> = {}): Conflict => ({
  id: 'f1',
  kind: 'form',
  title: 'KF-20261122-A1-0001',
  field,
  values,
  decidable: true,
  ...more,
})
const address = conflict('customer.address', [value('文三路 1 号', '周敏'), value('文二路 2 号', '李强')])
const said = conflict('description', [
  value({ text: '不出热水', marks: [[0, 2]] }, '周敏'),
  value({ text: '不出热水，屏幕显示 E4', marks: [] }, '李强'),
])
const roles = conflict('roles', [value(['reception'], '周敏'), value(['handler', 'admin'], '李强')], {
  id: 'm1',
  kind: 'member',
  title: '孙立',
})

let away = () => {}
afterEach(() => away())

async function inbox(list: Conflict[], answers: Record<string, unknown> = {}) {
  let kept = list
  const decided: ResolveRequest[] = []
  const calls = desktop({
    conflicts: () => kept,
    resolve_conflict: (request: ResolveRequest) => {
      decided.push(request)
      return (kept = kept.filter(({ id, field }) => id !== request.id || field !== request.field))
    },
    standing: { joined: true, online: true, busy: false, to_send: 0, log: 1, problems: [] },
    ...answers,
  })
  useSession().desk = desk
  const { wrapper } = await show(ConflictInbox)
  away = () => wrapper.unmount()
  await flushPromises()
  const box = () => wrapper.get('[role=listbox]').element
  const key = async (pressed: string, target: Element = box()) => {
    press(target, pressed)
    await flushPromises()
  }
  return { wrapper, calls, decided, key, box }
}

describe('a conflict', () => {
  it('shows both values with who wrote them, where and when, and which counts', async () => {
    const { wrapper, box } = await inbox([address, said])
    expect(document.activeElement).toBe(box())
    expect(wrapper.findAll('[role=option]').map((row) => row.text())).toEqual([
      `登记表 KF-20261122-A1-0001${fieldOf('customer.address').label}2 个值`,
      `登记表 KF-20261122-A1-0001${fieldOf('description').label}2 个值`,
    ])
    const first = wrapper.get('[data-value="1"]')
    expect(first.text()).toMatch(/周敏 · 终端码 A1 · 2026-11-22.*当前采用.*文三路 1 号/)
    const second = wrapper.get('[data-value="2"]')
    expect(second.text()).toMatch(/李强 · 终端码 B2.*文二路 2 号/)
    expect(second.text()).not.toContain('当前采用')
  })

  it('is decided by one digit, naming all that was seen', async () => {
    const { decided, key, wrapper, box } = await inbox([address, roles])
    await key('2')
    expect(decided).toEqual([
      {
        id: 'f1',
        field: 'customer.address',
        choose: 'stamp of 李强',
        seen: ['stamp of 周敏', 'stamp of 李强'],
      },
    ])
    expect(wrapper.findAll('[role=option]')).toHaveLength(1)
    expect(document.activeElement).toBe(box())
    await key('1')
    expect(decided[1]).toMatchObject({ id: 'm1', field: 'roles', choose: 'stamp of 周敏' })
    expect(wrapper.get('[role=status]').text()).toContain('没有待定的冲突')
  })

  it('is decided by comparing with arrows, then Enter', async () => {
    const { decided, key, wrapper } = await inbox([address, said, roles])
    await key('ArrowDown')
    expect(wrapper.get('[aria-selected=true]').attributes('data-conflict')).toBe('description')
    await key('ArrowRight')
    expect(wrapper.get('li[aria-current]').attributes('data-value')).toBe('2')
    await key('ArrowLeft')
    await key('ArrowLeft')
    await key('Enter')
    expect(decided).toMatchObject([{ field: 'description', choose: 'stamp of 李强' }])
    // What came after it takes its place.
    expect(wrapper.get('[aria-selected=true]').attributes('data-conflict')).toBe('roles')
  })

  it('is not decided by keys of elsewhere, by digits without a value, or with modifiers', async () => {
    const { decided, key, wrapper, box } = await inbox([address])
    await key('3')
    press(box(), '1', { ctrlKey: true })
    await key('1', wrapper.get('[data-act=choose]').element)
    await key('Enter', document.body)
    expect(decided).toEqual([])
    await wrapper.findAll('[data-act=choose]')[1]?.trigger('click')
    expect(decided).toHaveLength(1)
  })

  it('is written anew of both, and Escape leaves it as it was', async () => {
    const { decided, key, wrapper, box } = await inbox([said, roles])
    await key('m')
    const area = wrapper.get('[data-field=merged]')
    expect(document.activeElement).toBe(area.element)
    expect((area.element as HTMLTextAreaElement).value).toBe('不出热水，屏幕显示 E4')
    await key('Escape', area.element)
    expect(wrapper.find('[data-field=merged]').exists()).toBe(false)
    expect(document.activeElement).toBe(box())
    await key('m')
    await wrapper.get('[data-field=merged]').setValue(' 不出热水，显示 E4 ')
    press(wrapper.get('[data-field=merged]').element, 'Enter', { ctrlKey: true })
    await flushPromises()
    expect(decided).toEqual([
      {
        id: 'f1',
        field: 'description',
        value: { text: '不出热水，显示 E4', marks: [] },
        seen: ['stamp of 周敏', 'stamp of 李强'],
      },
    ])
    await key('m')
    expect(wrapper.find('[data-field=merged]').exists()).toBe(false)
  })

  it('is not for everybody to decide', async () => {
    const { decided, key, wrapper } = await inbox([{ ...address, decidable: false }])
    await key('1')
    await key('m')
    expect(decided).toEqual([])
    expect(wrapper.find('[data-act=choose]').exists()).toBe(false)
    expect(wrapper.get('[data-undecidable]').text()).toContain('您的角色')
  })

  it('stays where another value came in since, and says so', async () => {
    const more = { ...address, values: [...address.values, value('文一路 3 号', '王芳')] }
    const { key, wrapper } = await inbox([address], { resolve_conflict: [more] })
    await key('1')
    expect(wrapper.findAll('[data-value]')).toHaveLength(3)
    expect(document.body.textContent).toContain('又有新的值')
  })

  it('is read anew where it was decided elsewhere meanwhile', async () => {
    let gone = false
    const { key, wrapper } = await inbox([address], {
      conflicts: () => (gone ? [] : [address]),
      resolve_conflict: () => {
        gone = true
        throw { code: 'nothing_changed' }
      },
    })
    await key('1')
    expect(wrapper.text()).toContain('没有待定的冲突')
    expect(document.body.textContent).toContain('内容没有变化')
  })
})

describe('the inbox', () => {
  it('says why it cannot be read, and tries again', async () => {
    const list = vi.fn<() => Conflict[]>(() => {
      throw { code: 'storage' }
    })
    const { wrapper } = await inbox([], { conflicts: list })
    expect(wrapper.get('[role=alert]').text()).toContain('磁盘或登记库读写出错')
    list.mockReturnValue([address])
    await wrapper.get('[data-act=retry]').trigger('click')
    await flushPromises()
    expect(wrapper.findAll('[role=option]')).toHaveLength(1)
  })

  it('keeps what is looked at while others come and go', async () => {
    const lists = [[address, said], [roles, address, said], [roles]]
    const { wrapper, key } = await inbox([], { conflicts: () => lists.shift() ?? [] })
    await key('ArrowDown')
    useShared().moved++
    await flushPromises()
    expect(wrapper.get('[aria-selected=true]').attributes('data-conflict')).toBe('description')
    useShared().moved++
    await flushPromises()
    expect(wrapper.get('[aria-selected=true]').attributes('data-conflict')).toBe('roles')
  })
})

describe('the words of a conflict', () => {
  const of = (field: string, kind = 'form', ...values: unknown[]) =>
    conflict(
      field,
      values.map((one, at) => value(one, `人${at}`)),
      { kind },
    )

  it.each<[Conflict, unknown, string]>([
    [of('kind'), 'repair', '报修'],
    [of('description'), { text: '不出热水', marks: [] }, '不出热水'],
    [of('customer.name'), null, ''],
    [of('roles', 'member'), ['reception', 'from_a_newer_version'], '接待、from_a_newer_version'],
    [of('active', 'member'), false, '否'],
    [of('name', 'customer'), '陈秀英', '陈秀英'],
    [of('clocks', 'rules'), { a: 1 }, '{\n  "a": 1\n}'],
  ])('say %o', (about, one, expected) => {
    const field = about.kind === 'form' ? fieldOf(about.field) : undefined
    expect(valueWords(about, one, field, codes)).toBe(expected)
  })

  it('name record and field, those of a newer version by their code', () => {
    expect(recordWords('member', '孙立')).toBe('人员 孙立')
    expect(recordWords('from_a_newer_version', '')).toBe('from_a_newer_version')
    expect(fieldWords(of('roles', 'member'), undefined)).toBe('角色')
    expect(fieldWords(of('later', 'member'), undefined)).toBe('later')
    expect(fieldWords(of('x.9'), undefined)).toBe('x.9')
  })

  it.each<[string, Conflict, string | undefined]>([
    ['both', of('customer.address', 'form', '文三路 1 号', '文二路 2 号'), '文三路 1 号；文二路 2 号'],
    ['the fuller', of('customer.address', 'form', '文三路', '文三路 1 号'), '文三路 1 号'],
    ['lines', of('description', 'form', '不出热水', '漏水'), '不出热水\n漏水'],
    ['what is left where one was emptied', of('customer.address', 'form', '文三路', null), '文三路'],
    ['nothing of a choice', of('kind', 'form', 'repair', 'complaint'), undefined],
    ['nothing that is hidden', of('customer.name', 'form', '陈**', '王**'), undefined],
    ['nothing of other records', of('name', 'member', '孙立', '孙力'), undefined],
  ])('begin a text with %s', (_, about, expected) => {
    const field = about.kind === 'form' ? fieldOf(about.field) : undefined
    expect(mergeDraft(about, field)).toBe(expected)
  })

  it('keep a text as its field does', () => {
    expect(mergedValue(fieldOf('description'), ' a ')).toEqual({ text: 'a', marks: [] })
    expect(mergedValue(fieldOf('customer.address'), ' a ')).toBe('a')
  })
})
