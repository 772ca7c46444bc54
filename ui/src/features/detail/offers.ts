// The acts that a form offers, sorted for the panel: the next on the path first, the others by what they are about,
// what is not possible last.
import type { FormView, OfferView } from '@/bridge/generated/types'

/** Groups of acts, in the order of the panel. */
export const GROUPS: Record<string, string[]> = {
  steps: [
    'accept',
    'settle',
    'pass_on',
    'dispatch',
    'answer',
    'carry_out',
    'hand_back',
    'inform',
    'close',
    'file',
    'resume',
    'suspend',
    'decline',
    'reopen',
  ],
  people: [
    'chase',
    'answer_chase',
    'query',
    'query_answer',
    'transfer',
    'escalate',
    'follow',
    'unfollow',
    'delegate_close',
    'merge',
    'unmerge',
  ],
  records: ['note', 'log_call'],
  measures: ['measure_add', 'measure_done', 'measure_verify'],
  rights: ['verify_identity', 'consent', 'withdraw_consent', 'disclose', 'reveal'],
}
/** Acts with a button of their own elsewhere on the page. */
const ELSEWHERE = ['register', 'correct', 'void', 'print', 'undo', 'hand_out', 'erase']
/** What leads on from a state. */
const ONWARDS: Record<string, string[]> = {
  registered: ['pass_on', 'settle'],
  to_dispatch: ['dispatch'],
  dispatched: ['accept', 'dispatch'],
  handling: ['answer'],
  answered: ['carry_out', 'hand_back'],
  carrying_out: ['hand_back'],
  to_inform: ['inform'],
  informed: ['close'],
  closed: ['file'],
  suspended: ['resume'],
  merged: ['unmerge'],
}
/** Keys on the buttons, in their order; letters that the page uses for something else are left out. */
const KEYS = [...'1234567890qwertyuiop']

/** An act on the panel. */
export interface Act {
  offer: OfferView
  /** Key that chooses it; empty where there are more acts than keys. */
  key: string
}

/** The panel. */
export interface Panel {
  next?: Act
  groups: { name: string; acts: Act[] }[]
  impossible: OfferView[]
}

const place = (act: string) => {
  const order = Object.values(GROUPS).flat()
  const at = order.indexOf(act)
  return at < 0 ? order.length : at
}

/** Whether an act is possible. A desk that offers nothing at all leaves it to the state, as before there were roles. */
export function may(form: FormView, act: string): boolean {
  const offer = form.offers.find((other) => other.act === act)
  return offer ? !offer.why : form.state !== 'voided'
}

/** The act that leads on, if it is possible: of two ways the one that the form speaks for. */
export function nextOf(form: FormView): OfferView | undefined {
  const possible = form.offers.filter((offer) => !offer.why)
  const onwards = ONWARDS[form.state] ?? []
  const wanted = form.values['settled_on_spot'] === true ? [...onwards].reverse() : onwards
  // What is offered to this very person waits for an answer before anything else.
  const order = possible.some((offer) => offer.act === 'accept') ? ['accept', ...wanted] : wanted
  // Where something is to be checked before the customer is told, that is what leads on.
  const onward = [...order, 'query_answer']
  return onward.map((act) => possible.find((offer) => offer.act === act)).find((offer) => offer)
}

/** The acts of `form`, sorted. */
export function panelOf(form: FormView): Panel {
  const shown = form.offers.filter((offer) => !ELSEWHERE.includes(offer.act))
  const possible = shown.filter((offer) => !offer.why)
  const next = nextOf(form)
  const others = possible.filter((offer) => offer !== next).sort((a, b) => place(a.act) - place(b.act))
  const keyOf = new Map([...(next ? [next] : []), ...others].map((offer, at) => [offer, KEYS[at] ?? '']))
  const asAct = (offer: OfferView): Act => ({ offer, key: keyOf.get(offer) ?? '' })
  const groupOf = (act: string) => Object.keys(GROUPS).find((name) => GROUPS[name]?.includes(act)) ?? 'more'
  const groups = [...Object.keys(GROUPS), 'more'].map((name) => ({
    name,
    acts: others.filter((offer) => groupOf(offer.act) === name).map(asAct),
  }))
  return {
    ...(next && { next: asAct(next) }),
    groups: groups.filter(({ acts }) => acts.length > 0),
    impossible: shown.filter((offer) => offer.why).sort((a, b) => place(a.act) - place(b.act)),
  }
}
