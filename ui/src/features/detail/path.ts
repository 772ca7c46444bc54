// Where a form stands on its path: A ends where the caller was satisfied at once, B goes through a department.
import type { FormView, TimelineEntry } from '@/bridge/generated/types'

const A = ['registered', 'informed', 'closed', 'archived']
const B = [
  'registered',
  'to_dispatch',
  'dispatched',
  'handling',
  'answered',
  'carrying_out',
  'to_inform',
  'informed',
  'closed',
  'archived',
]

/** States that acts lead to wherever they are possible. */
const LEADS: Record<string, string> = {
  register: 'registered',
  settle: 'informed',
  pass_on: 'to_dispatch',
  dispatch: 'dispatched',
  answer: 'answered',
  carry_out: 'carrying_out',
  hand_back: 'to_inform',
  inform: 'informed',
  close: 'closed',
  file: 'archived',
  reopen: 'to_dispatch',
}
/** Beside the path: the form returns from there to where it was. */
const ASIDE = ['suspended', 'merged', 'voided']

function after(state: string, act: string): string {
  // Accepting and declining concern the department only where it was dispatched to; elsewhere they answer a transfer.
  if (act === 'accept') return state === 'dispatched' ? 'handling' : state
  if (act === 'decline') return state === 'dispatched' ? 'to_dispatch' : state
  return LEADS[act] ?? state
}

/** The state on the path, also of a form that is suspended, merged or void: where it was then. */
export function placeOf(form: Pick<FormView, 'state' | 'timeline'>): string {
  if (!ASIDE.includes(form.state)) return form.state
  const states = ['registered']
  for (const { act } of [...form.timeline].reverse()) {
    if (act === 'undo') states.pop()
    else if (act !== 'print') states.push(after(states.at(-1) ?? 'registered', act))
  }
  return states.at(-1) ?? 'registered'
}

/** The states that the form goes through, in order. */
export function pathOf(form: Pick<FormView, 'state' | 'timeline'>): string[] {
  const place = placeOf(form)
  if (!['informed', 'closed', 'archived'].includes(place)) return B
  // Newest first: what led there since the last reopening.
  const led = form.timeline.find((entry: TimelineEntry) => ['settle', 'inform', 'reopen'].includes(entry.act))
  return led?.act === 'settle' ? A : B
}
