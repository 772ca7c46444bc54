// Guards acts done on the page of a form by keyboard: asked for, done, refused, taken back, nothing lost on the way.
import { flushPromises } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { RouterView } from 'vue-router'
import type { ActRequest, FormView, OfferView } from '@/bridge/generated/types'
import { desk, press, type } from '@/parts/testing'
import { useKnowledge } from '@/shell/knowledge'
import { useSession } from '@/shell/session'
import { listenForShortcuts } from '@/shell/shortcuts'
import { useSituation } from '@/shell/situation'
import { desktop, show } from '@/shell/testing'
import DetailPage from './DetailPage.vue'
import { formView } from './testing'

const needs = (...fields: string[]) =>
  fields.map((field) => ({ field: field.replace('*', ''), required: field.endsWith('*') }))
const offers: OfferView[] = [
  { act: 'dispatch', needs: needs('dispatch.department*', 'dispatch.handler', 'dispatch.handler_seat') },
  { act: 'follow', needs: [] },
  { act: 'suspend', needs: needs('suspension*') },
  { act: 'void', needs: [], why: { code: 'wrong_role' } },
  { act: 'close', needs: [], why: { code: 'guard_missing', fields: ['outcome.result'] } },
]
const waiting = formView({
  id: 'w1',
  state: 'to_dispatch',
  values: { kind: 'repair' },
  offers,
  clocks: [
    {
      id: 'answer',
      kind: 'answer',
      name: '方案答复',
      rules: '公司规则 第 1 版',
      started: '2026-11-02T08:00:00+08:00',
      due: '2026-11-02T10:00:00+08:00',
      paused: false,
      overdue: true,
    },
    {
      id: 'done',
      kind: 'done',
      name: '处理完毕',
      rules: '公司规则 第 1 版',
      started: '2026-11-02T08:00:00+08:00',
      due: '2126-11-02T10:00:00+08:00',
      paused: false,
      overdue: false,
    },
  ],
  statutory: [
    {
      law: '消费者权益保护法',
      article: '24',
      days: 7,
      working: false,
      text: '七日内可以退货。',
      until: '2026-11-09',
      passed: false,
    },
  ],
})
const colleagues = [
  { id: 's1', name: '孙立', employee_number: '0512', department: '维修一部', roles: ['handler'] },
  { id: 's2', name: '孙丽', employee_number: '0108', department: '客服一部', roles: ['reception'] },
]

let deaf = () => {}
let away = () => {}
beforeEach(() => (deaf = listenForShortcuts()))
afterEach(() => {
  // A page that stayed would answer the keys meant for the next one.
  away()
  deaf()
  vi.useRealTimers()
})

async function detail(shown: FormView = waiting, answers: Record<string, unknown> = {}) {
  const calls = desktop({
    show: shown,
    colleagues,
    act: { ...shown, state: 'dispatched', offers: [], course: { ...shown.course, undoable: 'dispatch' } },
    check_reply: [],
    ...answers,
  })
  useSession().desk = desk
  const { wrapper, router } = await show(RouterView)
  away = () => wrapper.unmount()
  router.addRoute({ path: '/detail/:id', component: DetailPage })
  await router.push(`/detail/${shown.id}`)
  for (let i = 0; i < 20 && !wrapper.find('article').exists(); i++) await flushPromises()
  const acts = () => calls.filter((call) => call.name === 'act').map((call) => call.request as ActRequest)
  const control = (key: string) => wrapper.find<HTMLInputElement>(`[data-field="${key}"]`).element
  const key = async (pressed: string, target: Element = document.body, more: KeyboardEventInit = {}) => {
    press(target, pressed, more)
    await flushPromises()
  }
  const enter = async (name: string, text: string) => {
    type(control(name), text)
    await flushPromises()
  }
  return { wrapper, router, calls, acts, control, key, enter }
}

describe('the page of a form', () => {
  it('says where it stands, what is due, and what the law says', async () => {
    const { wrapper } = await detail()
    expect(wrapper.get('[data-step][aria-current]').text()).toBe('待分发')
    expect(wrapper.findAll('[data-clock]')).toHaveLength(1)
    expect(wrapper.get('[data-clock=answer]').text()).toContain('超')
    await wrapper.get('[data-act=clocks]').trigger('click')
    expect(wrapper.findAll('[data-clock]')).toHaveLength(2)
    const law = wrapper.get('[data-part=statutory]').text()
    for (const words of ['消费者权益保护法', '第 24 条', '7 日', '截止 2026-11-09'])
      expect(law).toContain(words)
  })

  it('says what is to be checked first, and hands a checked answer to the knowledge base', async () => {
    const question = { at: '2026-11-02T09:00:00+08:00', question: '点火器在保吗', whom: '质检部', by: '周敏' }
    const line = {
      id: 'q2',
      values: { ...question, answer: '在，三年', source: '说明书', answered_by: '郑洁' },
    }
    const shown = formView({
      id: 'w4',
      state: 'to_inform',
      offers: [{ act: 'inform', needs: [], why: { code: 'query_open' } }],
      lists: { queries: [{ id: 'q1', values: question }, line] },
      timeline: [
        {
          id: 't2',
          at: '2026-11-02T09:30:00+08:00',
          member: '郑洁',
          act: 'query_answer',
          fields: [],
          added: { queries: [line] },
          struck: [],
        },
      ],
    })
    const { wrapper, router } = await detail(shown)
    expect(wrapper.get('.course').text()).toContain('待核实 1')
    await wrapper.get('[data-act=more-acts]').trigger('click')
    expect(wrapper.get('[data-impossible=inform]').text()).toContain('核实后再答复客户')
    await wrapper.get('[data-act=keep-knowledge]').trigger('click')
    await flushPromises()
    expect(router.currentRoute.value.fullPath).toBe('/settings?section=knowledge')
    expect(useKnowledge().take()).toEqual({ title: '点火器在保吗', answer: '在，三年', source: '说明书' })
    expect(useKnowledge().take()).toBeUndefined()
  })

  it('offers no keeping to who keeps no knowledge', async () => {
    const line = { id: 'q2', values: { question: '在保吗', answer: '在', source: '说明书' } }
    const entry = {
      id: 't2',
      at: '2026-11-02T09:30:00+08:00',
      member: '郑洁',
      act: 'query_answer',
      fields: [],
      added: { queries: [line] },
      struck: [],
    }
    const { wrapper } = await detail(formView({ id: 'w5', timeline: [entry] }))
    expect(wrapper.find('[data-act=keep-knowledge]').exists()).toBe(true)
    useSession().desk = { ...desk, roles: ['reception'] }
    await flushPromises()
    expect(wrapper.find('[data-entry=query_answer]').exists()).toBe(true)
    expect(wrapper.find('[data-act=keep-knowledge]').exists()).toBe(false)
  })

  it('tells the supervisor what was out of place', async () => {
    const out_of_place = [{ at: '2026-11-02T09:00:00+08:00', act: 'accept', member: '孙立' }]
    const { wrapper } = await detail({ ...waiting, id: 'w2', course: { ...waiting.course, out_of_place } })
    expect(wrapper.get('[data-part=out-of-place]').text()).toMatch(/孙立：接收/)
  })

  it('shows where a suspended form was, and why it rests', async () => {
    const pauses = [{ from: '2026-11-02T09:00:00+08:00', reason: 'waiting_parts' }]
    const { wrapper } = await detail({
      ...waiting,
      id: 'w3',
      state: 'suspended',
      course: { ...waiting.course, pauses },
    })
    expect(wrapper.get('[data-aside]').text()).toBe('已挂起（待备件）')
  })
})

describe('the acts', () => {
  it('lead on first, and say why something is not possible', async () => {
    const { wrapper } = await detail()
    expect(wrapper.get('.button.primary[data-act^=act-]').attributes('data-act')).toBe('act-dispatch')
    expect(wrapper.find('[data-act=void]').exists()).toBe(false)
    await wrapper.get('[data-act=more-acts]').trigger('click')
    expect(wrapper.get('[data-impossible=close]').text()).toContain('请先填写：最终结果。')
  })

  it('are done by keyboard alone, with a person picked by number', async () => {
    const { wrapper, acts, control, key, enter } = await detail()
    await key('1')
    expect(document.activeElement).toBe(control('dispatch.department'))
    expect(useSituation().now.act).toBe('dispatch')
    await enter('dispatch.department', '维修')
    await key('Enter', control('dispatch.department'))
    expect(document.activeElement).toBe(control('dispatch.handler'))
    await enter('dispatch.handler', '0512')
    await key('Enter', control('dispatch.handler'))
    expect(acts()).toEqual([
      {
        id: 'w1',
        act: 'dispatch',
        values: {
          'dispatch.department': '维修一部',
          'dispatch.handler': '孙立',
          'dispatch.handler_seat': 's1',
        },
        add: {},
        strike: [],
        reason: '',
      },
    ])
    expect(wrapper.get('[data-state]').text()).toBe('已分发')
    expect(wrapper.find('[data-act=do]').exists()).toBe(false)
  })

  it('ask for what is missing before anything is sent', async () => {
    const { wrapper, acts, control, key } = await detail()
    await key('1')
    await key('s', control('dispatch.department'), { ctrlKey: true })
    expect(acts()).toEqual([])
    expect(wrapper.find('[data-error="dispatch.department"]').exists()).toBe(true)
    expect(document.activeElement).toBe(control('dispatch.department'))
  })

  it('without fields wait for one more Enter, so that a stray digit does nothing', async () => {
    const { wrapper, acts, key } = await detail()
    await wrapper.get('[data-act=act-follow]').trigger('click')
    expect(acts()).toEqual([])
    expect((document.activeElement as HTMLElement).dataset.act).toBe('do')
    await key('s', document.activeElement!, { ctrlKey: true })
    expect(acts().map(({ act }) => act)).toEqual(['follow'])
  })

  it('keep what was filled in while one looks elsewhere', async () => {
    const { wrapper, control, key, enter, router } = await detail({ ...waiting, id: 'w4' })
    await key('1')
    await enter('dispatch.department', '客服')
    await key('Escape', control('dispatch.department'))
    expect(wrapper.find('[data-act=do]').exists()).toBe(true)
    await key('Escape', control('dispatch.department'))
    expect(wrapper.find('[data-act=do]').exists()).toBe(false)
    await router.push('/forms')
    await router.push('/detail/w4')
    for (let i = 0; i < 20 && !wrapper.find('article').exists(); i++) await flushPromises()
    await key('1')
    expect(control('dispatch.department').value).toBe('客服')
  })

  it('show what the desk refuses beside its field', async () => {
    const { wrapper, control, key, enter } = await detail(
      { ...waiting, id: 'w5' },
      {
        act: () => {
          throw {
            code: 'invalid_fields',
            fields: [{ field: 'dispatch.handler_seat', problem: 'wrong_kind' }],
          }
        },
      },
    )
    await key('1')
    await enter('dispatch.department', '维修一部')
    await key('s', control('dispatch.department'), { ctrlKey: true })
    expect(wrapper.find('[data-error="dispatch.handler"]').exists()).toBe(true)
    expect(control('dispatch.department').value).toBe('维修一部')
  })

  it('read the form anew where somebody was quicker', async () => {
    const { wrapper, calls, key } = await detail(
      { ...waiting, id: 'w6' },
      {
        act: () => {
          throw { code: 'denied', params: { why: 'wrong_state' } }
        },
      },
    )
    await wrapper.get('[data-act=act-follow]').trigger('click')
    await key('s', document.body, { ctrlKey: true })
    expect(calls.filter(({ name }) => name === 'show')).toHaveLength(2)
    expect(document.body.textContent).toContain('登记表现在的状态不能这样做')
  })

  it('are taken back while that is possible', async () => {
    const undoable = { ...waiting.course, undoable: 'dispatch' }
    const shown = { ...waiting, id: 'w7', course: undoable, offers: [...offers, { act: 'undo', needs: [] }] }
    const { wrapper, acts, key } = await detail(shown)
    expect(wrapper.get('[data-act=undo]').text()).toContain('撤销“分发”')
    await key('z')
    expect(acts().map(({ act }) => act)).toEqual(['undo'])
  })

  it('leave letters to the options of their form', async () => {
    const { wrapper, control, key } = await detail({ ...waiting, id: 'w8' })
    await wrapper.get('[data-act=act-suspend]').trigger('click')
    await key('c', control('suspension'))
    expect(wrapper.find('.correction').exists()).toBe(false)
    await key('2', control('suspension'))
    expect(wrapper.get('[data-option=waiting_parts]').attributes('aria-checked')).toBe('true')
  })
})

describe('a reply for the customer', () => {
  it('is told of phrases that are better put otherwise, after a rest, and takes the better one', async () => {
    const answer = { act: 'answer', needs: needs('handling.solution*') }
    const hit = { start: 1, end: 4, phrase: '不知道', why: '生硬', instead: '我核实后告诉您' }
    const form = { ...waiting, id: 'w9', state: 'handling', offers: [answer] }
    const { wrapper, calls, control, key, enter } = await detail(form, {
      check_reply: ({ text }: { text: string }) => (text.includes('不知道') ? [hit] : []),
    })
    await key('1')
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    await enter('handling.solution', '😡不')
    await enter('handling.solution', '😡不知道。')
    await vi.advanceTimersByTimeAsync(400)
    expect(calls.filter(({ name }) => name === 'check_reply')).toHaveLength(1)
    expect(wrapper.get('[data-phrase]').text()).toContain('我核实后告诉您')
    await wrapper.get('[data-act=replace-phrase]').trigger('click')
    expect(control('handling.solution').value).toBe('😡我核实后告诉您。')
    await vi.advanceTimersByTimeAsync(400)
    expect(wrapper.find('[data-phrase]').exists()).toBe(false)
  })
})
