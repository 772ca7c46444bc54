// What an act asks for, as controls: made from the needs that the desk names and the fields that the template knows, so
// that a new need gets its control without a line here.
import type { ActRequest, CodeItem, Field, FormView, Line, OfferView } from '@/bridge/generated/types'
import { isEmpty, type Values } from '@/parts/values'

/** A control of an act's form. */
export interface Item {
  /** Name of the need: field key, `list.column`, `reason`, or a list's key for the line to be replaced. */
  name: string
  kind: 'field' | 'reason' | 'person' | 'department' | 'party' | 'form' | 'line' | 'verdict'
  field: Field
  required: boolean
  /** Need that takes the id of the person chosen. */
  seat?: string
  /** That id has to be there: a name alone is not enough. */
  strict?: boolean
  /** Fewer options than the field has. */
  options?: CodeItem[]
  /** Lines to choose from. */
  lines?: Line[]
  /** The customer will read it. */
  read?: boolean
}

/** Knows fields and options. */
export interface Known {
  fieldOf: (key: string) => Field | undefined
  options: (list: string) => CodeItem[]
  reasonLabel: string
}

/** Texts that reach the customer word for word. */
export const READ_BY_CUSTOMER = ['handling.solution', 'handling.advice', 'outcome.result']
/** Moments that are now, and names that are one's own, unless somebody says otherwise. */
const NOW = [
  'outcome.told_at',
  'handling.replied_at',
  'passed_on_at',
  'process.at',
  'calls.at',
  'disclosures.at',
]
const ME = ['outcome.told_by', 'handling.replied_by']
/** What the form has stays a good beginning, although the act wants to be told anew. */
const AGAIN = [
  'settled_on_spot',
  'reply_by',
  'dispatch.department',
  'dispatch.handler',
  'dispatch.handler_seat',
  'dispatch.co_handlers',
  'dispatch.limits',
]

/** Paper lines of a long text at least; the control shows half of them and grows. */
const LONG_ROWS = 4

const plain = (key: string, label = key): Field => ({
  key,
  label,
  kind: 'text',
  w: 24,
  lw: 3,
  by: 'process',
  required: false,
  boxes: false,
  rows: 1,
})

function columnOf(name: string, known: Known): Field | undefined {
  const [list, column] = [name.slice(0, name.indexOf('.')), name.slice(name.indexOf('.') + 1)]
  return known.fieldOf(list)?.columns?.find((field) => field.key === column)
}

/** The lines that wait for `act`. */
export function waitingLines(act: string, list: string, form: FormView): Line[] {
  const has = (line: Line, key: string) => !isEmpty(line.values[key])
  return (form.lists[list] ?? []).filter((line) => {
    if (line.struck) return false
    if (act === 'answer_chase' || act === 'query_answer') return !has(line, 'answer')
    if (act === 'measure_done') return !has(line, 'result') && !has(line, 'verifier')
    return act !== 'measure_verify' || (has(line, 'result') && !has(line, 'verifier'))
  })
}

function kindOf(name: string, field: Field, seat: string | undefined): Item['kind'] {
  if (name === 'queries.whom') return 'party'
  if (seat) return 'person'
  if (name === 'dispatch.department') return 'department'
  if (name === 'chases.whom') return 'party'
  if (name === 'merged_into') return 'form'
  if (field.kind === 'lines') return 'line'
  return name === 'measures.effective' ? 'verdict' : 'field'
}

/** The controls of an act, in the order of its needs; ids of persons go with their names. */
export function itemsOf(offer: OfferView, form: FormView, known: Known): Item[] {
  const needs = new Map(offer.needs.map((need) => [need.field, need]))
  const shown = offer.needs.filter(
    ({ field }) => !needs.has(field.replace(/_seat$/, '')) || !/_seat$/.test(field),
  )
  return shown.map(({ field: name, required }) => {
    if (name === 'reason') {
      const field: Field = { ...plain(name, known.reasonLabel), kind: 'long', rows: LONG_ROWS }
      return { name, kind: 'reason', field, required }
    }
    const field = known.fieldOf(name) ?? columnOf(name, known) ?? plain(name)
    const seat = needs.has(`${name}_seat`) ? `${name}_seat` : undefined
    const kind = kindOf(name, field, seat)
    const rows = field.kind === 'long' ? Math.max(LONG_ROWS, field.rows) : field.rows
    const item: Item = { name, kind, field: { ...field, rows }, required }
    if (seat) Object.assign(item, { seat, strict: needs.get(seat)?.required ?? false })
    if (kind === 'line') item.lines = waitingLines(offer.act, name, form)
    if (READ_BY_CUSTOMER.includes(name)) item.read = true
    if (name === 'consent') {
      const given = Object.keys((form.values['consents'] as object | undefined) ?? {})
      item.options = known.options('consent').filter(({ code }) => given.includes(code))
    }
    if (name === 'identity')
      item.options = known.options('identity').filter(({ code }) => code !== 'unverified')
    return item
  })
}

/** What stands in the controls at first. */
export function prefill(offer: OfferView, items: Item[], form: FormView, me: string, now: string): Values {
  const values: Values = {}
  const take = (name: string, required: boolean) => {
    if (NOW.includes(name)) values[name] = now
    else if (ME.includes(name)) values[name] = me
    else if (name === 'escalation.level') values[name] = form.course.level + 1
    else if (AGAIN.includes(name) || !required) values[name] = form.values[name]
  }
  for (const { field, required } of offer.needs) take(field, required)
  if (offer.act === 'settle') values['settled_on_spot'] ??= true
  for (const item of items) {
    if (item.kind === 'line' && item.lines?.length === 1) values[item.name] = item.lines[0]?.id
  }
  return Object.fromEntries(Object.entries(values).filter(([, value]) => !isEmpty(value)))
}

/** The controls that still want something. */
export function missing(items: Item[], values: Values): Item[] {
  return items.filter(
    (item) =>
      (item.required && isEmpty(values[item.name])) ||
      (item.strict && item.seat && isEmpty(values[item.seat])),
  )
}

/** What goes over the wire. A field that the form had and that was emptied is sent as emptied. */
export function requestOf(offer: OfferView, form: FormView, items: Item[], values: Values): ActRequest {
  const request: ActRequest = {
    id: form.id,
    act: offer.act,
    values: {},
    add: {},
    strike: [],
    reason: String(values['reason'] ?? '').trim(),
  }
  const lines = new Set(items.filter((item) => item.kind === 'line').map((item) => item.name))
  const listOf = (name: string) => name.slice(0, Math.max(0, name.indexOf('.')))
  for (const { field: name } of offer.needs) {
    const value = values[name]
    if (name === 'reason') continue
    if (lines.has(name)) {
      if (!isEmpty(value)) request.strike.push(String(value))
    } else if (isColumn(name)) {
      const line = (request.add[listOf(name)] ??= [{}])[0]
      if (line && !isEmpty(value)) line[name.slice(listOf(name).length + 1)] = value
    } else if (!isEmpty(value)) request.values[name] = value
    else if (!isEmpty(form.values[name]) && name in values) request.values[name] = null
  }
  return request
}

/** Lists that acts write lines of; everything else with a dot is a field of the sheet. */
const LISTS = ['process', 'calls', 'chases', 'queries', 'measures', 'disclosures', 'reveals']

function isColumn(name: string): boolean {
  return LISTS.some((list) => name.startsWith(`${list}.`))
}
