// Guards the work list and the page of a visit: what is listed, the keys, the refusal of one's own matter, what is sent.
import { flushPromises } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import questionnaire from '../../../../crates/domain/templates/questionnaire.json'
import type { OfferView, Questionnaire, VisitRow, VisitsPage, VisitView } from '@/bridge/generated/types'
import { desk, press } from '@/parts/testing'
import { useSession } from '@/shell/session'
import { useShared } from '@/shell/shared'
import { listenForShortcuts } from '@/shell/shortcuts'
import { desktop, show } from '@/shell/testing'
import VisitPage from './VisitPage.vue'
import VisitsPageView from './VisitsPage.vue'

const row = (n: number, more: Partial<VisitRow> = {}): VisitRow => ({
  id: `v${n}`,
  number: `HF-20261120-A03-000${n}`,
  occasion: 'after_complaint',
  state: 'planned',
  due: '2026-11-23',
  overdue: false,
  form_number: `KF-20261120-A03-000${n}`,
  customer: `客户${n}`,
  phone: '138 0013 8021',
  visitor: '',
  tries: 0,
  own_matter: false,
  free: true,
  pending: [],
  ...more,
})
const page = (rows: VisitRow[]): VisitsPage => ({
  rows,
  total: rows.length,
  counts: { due: rows.length, overdue: 1, over: 0 },
  may_plan: true,
  may_draw: false,
})
const offer = (act: string, why?: OfferView['why']): OfferView => ({
  act,
  needs: [],
  ...(why ? { why } : {}),
})
const ACTS = ['visit_take', 'visit_try', 'visit_agree', 'visit_refuse', 'visit_record']
const view = (more: Partial<VisitView> = {}): VisitView => ({
  row: row(1),
  values: {},
  lists: {},
  dial: ['138 0013 8021'],
  customer: {},
  matter: {
    form: {
      id: 'f1',
      number: 'KF-20261120-A03-0001',
      received_at: '2026-11-20T08:41:00+08:00',
      customer: '',
      phone: '',
      kind: 'complaint',
      category: 'product_fault',
      state: 'closed',
      channel: 'hotline',
      receiver: '周敏',
      product: '',
      excerpt: '',
    },
    description: '热水器打开后火焰突然熄灭',
    result: '更换点火针',
    hands: ['周工'],
  },
  history: [],
  earlier: [],
  best_hours: [[19, 20]],
  questionnaire: questionnaire as unknown as Questionnaire,
  offers: ACTS.map((act) => offer(act)),
  timeline: [],
  changed: [],
  masked: false,
  copies: 0,
  ...more,
})

let deaf = () => {}
let away = () => {}
beforeEach(() => {
  deaf = listenForShortcuts()
  useSession().desk = desk
})
afterEach(() => {
  away()
  deaf()
})

async function list(rows: VisitRow[]) {
  const called = desktop({ visits: () => page(rows), act_visit: () => view() })
  const { wrapper, router } = await show(VisitsPageView)
  router.addRoute({ path: '/visits/:id', component: { template: '<i />' } })
  away = () => wrapper.unmount()
  await flushPromises()
  return { wrapper, router, called }
}

describe('the work list', () => {
  it('is opened by keyboard; taking a visit shows the number only where that is masked', async () => {
    const { wrapper, router, called } = await list([row(1), row(2, { phone: '138****8021' })])
    const grid = wrapper.get('[role=grid]').element
    press(grid, 'Enter')
    await flushPromises()
    expect(router.currentRoute.value.path).toBe('/visits/v1')
    expect(called.filter((call) => call.name === 'act_visit')).toEqual([])
    press(grid, 'ArrowDown')
    press(grid, 'Enter')
    await flushPromises()
    expect(router.currentRoute.value.path).toBe('/visits/v2')
    const [taken] = called.filter((call) => call.name === 'act_visit')
    expect(taken?.request).toMatchObject({ id: 'v2', act: 'visit_take' })
  })

  it('says what is overdue, whose matter it is, and which calendar is missing', async () => {
    const unknown = row(3, { missing_year: 2027 })
    delete unknown.due
    const rows = [row(1, { overdue: true, tries: 2 }), row(2, { own_matter: true }), unknown]
    const { wrapper } = await list(rows)
    const text = wrapper.text()
    for (const words of ['逾期', '2 个半天未接通', '本人经办，由他人回访', '缺 2027 年工作日历']) {
      expect(text).toContain(words)
    }
  })

  it('changes its filter by digits', async () => {
    const { called } = await list([row(1)])
    press(document.body, '3')
    await flushPromises()
    expect(called.filter((call) => call.name === 'visits').at(-1)?.request).toMatchObject({
      filter: 'agreed',
    })
  })
})

async function opened(more: Partial<VisitView> = {}) {
  const called = desktop({
    visit: () => view(more),
    act_visit: () => view(more),
    record_visit: () => view({ ...more, row: row(1, { state: 'done' }), offers: [] }),
  })
  const { wrapper, router } = await show(VisitPage)
  router.addRoute({ path: '/visits/:id', component: { template: '<i />' } })
  away = () => wrapper.unmount()
  await router.push('/visits/v1')
  await flushPromises()
  return { wrapper, called }
}

describe('what another machine did', () => {
  it('stands in the work list', async () => {
    const { called } = await list([row(1)])
    useShared().moved++
    await flushPromises()
    expect(called.filter((call) => call.name === 'visits').length).toBe(2)
  })

  it('stands on the page, but is never written over what is being filled in', async () => {
    const answered = await opened()
    useShared().moved++
    await flushPromises()
    expect(answered.called.filter((call) => call.name === 'visit').length).toBe(1)
    away()
    const { wrapper } = await opened({ offers: [], row: row(1, { state: 'done' }) })
    desktop({
      visit: () => view({ offers: [], row: row(1, { state: 'done', number: 'HF-20261201-A2-0009' }) }),
    })
    useShared().moved++
    await flushPromises()
    expect(wrapper.text()).toContain('HF-20261201-A2-0009')
  })
})

describe('the page of a visit', () => {
  it('has the number beside the questionnaire and records what is picked by digits', async () => {
    const { wrapper, called } = await opened()
    expect(wrapper.get('[data-dial]').text()).toBe('138 0013 8021')
    expect(wrapper.get('[data-hours]').text()).toContain('19–20 时')
    const pick = async (question: string, key: string) => {
      press(wrapper.get(`[data-group="answer.${question}"] [data-option]`).element, key)
      await flushPromises()
    }
    await pick('solved', '3')
    await pick('speed', '2')
    await pick('overall', '4')
    press(wrapper.get('[data-group="unsolved"] [data-option]').element, '1')
    await flushPromises()
    press(document.body, 's', { ctrlKey: true })
    await flushPromises()
    const [recorded] = called.filter((call) => call.name === 'record_visit')
    expect(recorded?.request).toMatchObject({
      id: 'v1',
      unsolved: 'reopen',
      values: {
        'answer.solved': 'no',
        'answer.speed': 2,
        'answer.overall': 'dissatisfied',
        source: 'said',
        means: 'phone',
      },
    })
  })

  it('notes by one key that nobody answered', async () => {
    const { called } = await opened()
    press(document.body, '1', { altKey: true })
    await flushPromises()
    const [tried] = called.filter((call) => call.name === 'act_visit')
    expect(tried?.request).toMatchObject({ act: 'visit_try', line: { outcome: 'no_answer', means: 'phone' } })
  })

  it('tells who handled the matter why he may not', async () => {
    const offers = ACTS.map((act) => offer(act, { code: 'own_matter' }))
    const { wrapper, called } = await opened({ offers, row: row(1, { own_matter: true }) })
    expect(wrapper.get('[data-barred]').text()).toContain('由您经办')
    expect(wrapper.find('[data-act=record]').exists()).toBe(false)
    press(document.body, 's', { ctrlKey: true })
    press(document.body, '1', { altKey: true })
    await flushPromises()
    expect(called.map((call) => call.name)).toEqual(['visit'])
  })

  it('marks what had no effect', async () => {
    const entry = (member: string, out_of_place: boolean) => ({
      at: '2026-11-23T10:00:00+08:00',
      member,
      act: out_of_place ? 'visit_correct' : 'visit_record',
      out_of_place,
    })
    const done = { row: row(1, { state: 'done' }), offers: [] }
    const { wrapper } = await opened({ ...done, timeline: [entry('周工', true), entry('孙丽', false)] })
    const [marked, ...more] = wrapper.findAll('[data-out-of-place]')
    expect(more).toEqual([])
    expect(marked?.element.closest('p')?.textContent).toMatch(/周工.*没有生效/s)
  })

  it('asks for the reason of a refusal', async () => {
    const { wrapper, called } = await opened()
    press(document.body, '4', { altKey: true })
    await flushPromises()
    await wrapper.get('[data-act=confirm]').trigger('click')
    expect(called.filter((call) => call.name === 'act_visit')).toEqual([])
    await wrapper.get('textarea[data-field=reason]').setValue('不愿被打扰')
    await wrapper.get('[data-act=confirm]').trigger('click')
    await flushPromises()
    const [asked] = called.filter((call) => call.name === 'act_visit')
    expect(asked?.request).toMatchObject({ act: 'visit_refuse', reason: '不愿被打扰' })
  })
})
