// What is asked before an act of a visit is done: its fields, whether it needs a reason, and the request it becomes.
import type { VisitActRequest } from '@/bridge/generated/types'

/** A field of a question: how it is filled in stands in `type`. */
export interface AskedField {
  key: string
  type: 'text' | 'date' | 'datetime' | 'number' | 'person' | 'department' | 'task'
  value: string
}

/** What is about to be done. */
export interface Asked {
  kind: 'agree' | 'refuse' | 'give' | 'cancel' | 'excuse' | 'correct' | 'task' | 'done' | 'allow' | 'plan'
  /** The task that is answered. */
  line?: string
  fields: AskedField[]
  reason: boolean
}

const field = (key: string, type: AskedField['type'], value = ''): AskedField => ({ key, type, value })

/** The question of an act; `given` fills in what is known already. */
export function asking(kind: Asked['kind'], given: Record<string, string> = {}, line?: string): Asked {
  const own: Record<Asked['kind'], AskedField[]> = {
    agree: [field('agreed_at', 'datetime'), field('note', 'text')],
    refuse: [],
    give: [field('visitor', 'person')],
    cancel: [],
    excuse: [],
    correct: [],
    task: [
      field('type', 'task', 'improvement'),
      field('content', 'text'),
      field('department', 'department'),
      field('owner', 'person'),
      field('due', 'date'),
    ],
    done: [field('result', 'text')],
    allow: [],
    plan: [field('first', 'date'), field('months', 'number', '6'), field('content', 'text')],
  }
  const fields = own[kind].map((one) => ({ ...one, value: given[one.key] ?? one.value }))
  const reason = ['refuse', 'cancel', 'excuse', 'correct', 'allow'].includes(kind)
  return { kind, fields, reason, ...(line ? { line } : {}) }
}

const ACTS: Partial<Record<Asked['kind'], string>> = {
  agree: 'visit_agree',
  refuse: 'visit_refuse',
  give: 'visit_give',
  cancel: 'visit_cancel',
  excuse: 'visit_excuse',
  correct: 'visit_correct',
  task: 'visit_task',
  done: 'visit_task_done',
}

/** The act that a question is about; none for those that are no act of a visit. */
export const actOf = (kind: Asked['kind']): string | undefined => ACTS[kind]

/** The request that an answered question becomes; none for those that are no act of a visit. */
export function requestOf(
  asked: Asked,
  id: string,
  given: Record<string, unknown>,
  reason: string,
): VisitActRequest | undefined {
  const act = actOf(asked.kind)
  if (!act) return undefined
  const filled = Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== null && value !== ''),
  )
  const request = { id, act, values: {}, reason }
  if (asked.kind === 'task') return { ...request, line: filled }
  if (asked.kind === 'done')
    return { ...request, line: filled, ...(asked.line ? { strike: asked.line } : {}) }
  if (asked.kind === 'agree') {
    const { note, ...values } = filled
    return { ...request, values, line: note === undefined ? {} : { note } }
  }
  return { ...request, values: filled }
}
