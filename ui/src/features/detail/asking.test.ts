// Guards that an act's form is made from what the desk says it needs, and sends exactly that.
import { describe, expect, it } from 'vitest'
import type { FormView, Line, OfferView } from '@/bridge/generated/types'
import { codes, desk } from '@/parts/testing'
import { useSession } from '@/shell/session'
import { itemsOf, missing, prefill, requestOf, waitingLines } from './asking'
import { formView } from './testing'

const now = '2026-11-02T10:00:00+08:00'

function asked(offer: OfferView, form: FormView = formView()) {
  const session = useSession()
  session.desk = desk
  const known = {
    fieldOf: session.fieldOf,
    options: (list: string) => codes[list]?.items ?? [],
    reasonLabel: '原因',
  }
  const items = itemsOf(offer, form, known)
  return { items, values: prefill(offer, items, form, '周敏', now) }
}

const offer = (act: string, ...needs: string[]): OfferView => ({
  act,
  needs: needs.map((need) => ({ field: need.replace('*', ''), required: need.endsWith('*') })),
})

const dispatch = offer(
  'dispatch',
  'dispatch.department*',
  'dispatch.handler',
  'dispatch.handler_seat',
  'dispatch.co_handlers',
)
const transfer = offer('transfer', 'transfer.to*', 'transfer.to_seat*', 'transfer.points*', 'reason*')
const chase: Line = { id: 'c1', values: { whom: '维修一部', content: '请尽快上门' } }
const answered: Line = { id: 'c2', values: { whom: '维修一部', content: '催', answer: '已派' } }
const struck: Line = { id: 'c3', values: { content: '旧' }, struck: true }

describe('the controls of an act', () => {
  it('take label and kind from sheet and process, ids go with their names', () => {
    const { items } = asked(dispatch)
    expect(items.map(({ name, kind, required }) => [name, kind, required])).toEqual([
      ['dispatch.department', 'department', true],
      ['dispatch.handler', 'person', false],
      ['dispatch.co_handlers', 'field', false],
    ])
    expect(items.map(({ field }) => field.label)).toEqual(['责任部门', '经办人', '协办'])
    expect(items[1]).toMatchObject({ seat: 'dispatch.handler_seat', strict: false })
  })

  it('ask for the person himself where a name alone is not enough', () => {
    const { items } = asked(transfer)
    expect(items[0]).toMatchObject({ kind: 'person', strict: true, seat: 'transfer.to_seat' })
    expect(items.at(-1)).toMatchObject({ kind: 'reason', required: true })
    expect(items[0]?.field.label).toBe('转交给')
    expect(missing(items, { 'transfer.to': '孙立', 'transfer.points': '见附件', reason: '休假' })).toEqual([
      items[0],
    ])
    const given = {
      'transfer.to': '孙立',
      'transfer.to_seat': 's1',
      'transfer.points': '见附件',
      reason: '休假',
    }
    expect(missing(items, given)).toEqual([])
  })

  it('ask a department or a person to check, who has an id of his own', () => {
    const query = offer('query', 'queries.question*', 'queries.whom*', 'queries.whom_seat', 'queries.due')
    const { items } = asked(query)
    expect(items.map(({ name, kind, field }) => [name, kind, field.label])).toEqual([
      ['queries.question', 'field', '核实事项'],
      ['queries.whom', 'party', '向谁核实'],
      ['queries.due', 'field', '最迟'],
    ])
    const values = { 'queries.question': '在保吗', 'queries.whom': '孙立', 'queries.whom_seat': 's1' }
    expect(requestOf(query, formView(), items, values).add).toEqual({
      queries: [{ question: '在保吗', whom: '孙立', whom_seat: 's1' }],
    })
  })

  it('take columns of lines, of the sheet and beside it', () => {
    const { items } = asked(offer('measure_verify', 'measures*', 'measures.effective*'))
    expect(items.map(({ name, kind }) => [name, kind])).toEqual([
      ['measures', 'line'],
      ['measures.effective', 'verdict'],
    ])
    const call = asked(offer('log_call', 'calls.at', 'calls.direction*', 'calls.number'))
    expect(call.items.map(({ field }) => [field.label, field.kind])).toEqual([
      ['时间', 'datetime'],
      ['方向', 'choice'],
      ['号码', 'phone'],
    ])
    expect(call.values).toEqual({ 'calls.at': now })
  })

  it('offer only what can be meant', () => {
    const consents = { visit: now }
    const { items } = asked(offer('withdraw_consent', 'consent*'), formView({ values: { consents } }))
    expect(items[0]?.options?.map(({ code }) => code)).toEqual(['visit'])
    const identity = asked(offer('verify_identity', 'identity*')).items[0]
    expect(identity?.options?.map(({ code }) => code)).not.toContain('unverified')
  })

  it('show a need that this version does not know as a text', () => {
    const { items } = asked(offer('hologram', 'hologram.colour*'))
    expect(items).toMatchObject([{ name: 'hologram.colour', kind: 'field', required: true }])
  })
})

describe('lines that wait', () => {
  const form = formView({ lists: { chases: [chase, answered, struck] } })
  it('are those without what the act brings, struck ones left out', () => {
    expect(waitingLines('answer_chase', 'chases', form)).toEqual([chase])
    const queries: Line[] = [
      { id: 'q1', values: { question: '在保吗', whom: '质检部' } },
      { id: 'q2', values: { question: '几年', answer: '三年', source: '说明书' } },
    ]
    const asking = formView({ lists: { queries } })
    expect(waitingLines('query_answer', 'queries', asking)).toEqual([queries[0]])
    const measures = [
      { id: 'm1', values: { content: '培训' } },
      { id: 'm2', values: { content: '换件', result: '已换' } },
      { id: 'm3', values: { content: '巡检', result: '已检', verifier: '郑工' } },
    ]
    const with3 = formView({ lists: { measures } })
    expect(waitingLines('measure_done', 'measures', with3).map(({ id }) => id)).toEqual(['m1'])
    expect(waitingLines('measure_verify', 'measures', with3).map(({ id }) => id)).toEqual(['m2'])
  })

  it('are chosen already where there is one, and struck by what takes their place', () => {
    const act = offer('answer_chase', 'chases*', 'chases.answer*')
    const { items, values } = asked(act, form)
    expect(values).toEqual({ chases: 'c1' })
    expect(requestOf(act, form, items, { ...values, 'chases.answer': '已上门' })).toEqual({
      id: 'f1',
      act: 'answer_chase',
      values: {},
      add: { chases: [{ answer: '已上门' }] },
      strike: ['c1'],
      reason: '',
    })
  })
})

describe('what stands there at first', () => {
  it('is now and oneself, what the form has, and the next level', () => {
    const inform = offer(
      'inform',
      'outcome.result',
      'outcome.response*',
      'outcome.told_at',
      'outcome.told_means*',
      'outcome.told_by',
    )
    const form = formView({ values: { 'outcome.result': '已更换主板', 'outcome.told_means': 'phone' } })
    expect(asked(inform, form).values).toEqual({
      'outcome.result': '已更换主板',
      'outcome.told_at': now,
      'outcome.told_by': '周敏',
    })
    expect(asked(offer('escalate', 'escalation.level*', 'reason*')).values).toEqual({ 'escalation.level': 1 })
    expect(asked(offer('settle', 'settled_on_spot*')).values).toEqual({ settled_on_spot: true })
  })

  it('is never what was told for another occasion', () => {
    const form = formView({
      values: { 'transfer.to': '孙立', 'transfer.to_seat': 's1', suspension: 'waiting_parts' },
    })
    expect(asked(transfer, form).values).toEqual({})
    expect(asked(offer('suspend', 'suspension*'), form).values).toEqual({})
  })
})

describe('the request', () => {
  it('has the id of a person beside his name, and empties what was emptied', () => {
    const form = formView({ values: { 'dispatch.co_handlers': '售后' } })
    const { items, values } = asked(dispatch, form)
    expect(values).toEqual({ 'dispatch.co_handlers': '售后' })
    const typed = {
      'dispatch.department': '维修一部',
      'dispatch.handler': '孙立',
      'dispatch.handler_seat': 's1',
      'dispatch.co_handlers': null,
    }
    expect(requestOf(dispatch, form, items, typed).values).toEqual(typed)
  })
})
