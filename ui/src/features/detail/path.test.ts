// Guards the path on the page, and the order of the acts on the panel.
import { describe, expect, it } from 'vitest'
import type { OfferView, TimelineEntry } from '@/bridge/generated/types'
import { may, nextOf, panelOf } from './offers'
import { pathOf, placeOf } from './path'
import { formView } from './testing'

/** A form in `state` after `acts`, oldest first. */
const after = (state: string, ...acts: string[]) => {
  const timeline = acts.map((act, n): TimelineEntry => ({
    id: `${n}`,
    at: '',
    member: '',
    act,
    fields: [],
    added: {},
    struck: [],
  }))
  return formView({ state, timeline: timeline.reverse() })
}
const dispatched = ['register', 'pass_on', 'dispatch']

describe('where a form stands', () => {
  it.each([
    ['suspended', [...dispatched, 'accept', 'suspend'], 'handling'],
    ['suspended', [...dispatched, 'accept', 'print', 'note', 'suspend'], 'handling'],
    ['suspended', [...dispatched, 'decline', 'suspend'], 'to_dispatch'],
    ['suspended', [...dispatched, 'accept', 'transfer', 'accept', 'answer', 'suspend'], 'answered'],
    ['suspended', [...dispatched, 'accept', 'undo', 'suspend'], 'dispatched'],
    ['merged', ['register', 'merge'], 'registered'],
    [
      'suspended',
      [...dispatched, 'accept', 'answer', 'hand_back', 'inform', 'reopen', 'suspend'],
      'to_dispatch',
    ],
    ['closed', ['register', 'settle', 'close'], 'closed'],
  ])('%s after %j is at %s', (state, acts, place) => expect(placeOf(after(state, ...acts))).toBe(place))

  it('takes the short path where the caller was satisfied at once, and the long one otherwise', () => {
    expect(pathOf(after('closed', 'register', 'settle', 'close'))).toEqual([
      'registered',
      'informed',
      'closed',
      'archived',
    ])
    expect(pathOf(after('registered', 'register'))).toHaveLength(10)
    expect(pathOf(after('informed', ...dispatched, 'accept', 'answer', 'hand_back', 'inform'))).toHaveLength(
      10,
    )
    expect(pathOf(after('to_dispatch', 'register', 'settle', 'reopen'))).toHaveLength(10)
    expect(
      pathOf(
        after(
          'informed',
          'register',
          'settle',
          'reopen',
          'dispatch',
          'accept',
          'answer',
          'hand_back',
          'inform',
        ),
      ),
    ).toHaveLength(10)
  })
})

describe('the panel', () => {
  const can = (act: string): OfferView => ({ act, needs: [] })
  const cannot = (act: string): OfferView => ({ act, needs: [], why: { code: 'wrong_role' } })

  it.each([
    ['registered', {}, ['settle', 'pass_on', 'note'], 'pass_on'],
    ['registered', { settled_on_spot: true }, ['settle', 'pass_on'], 'settle'],
    ['registered', {}, ['pass_on', 'accept'], 'accept'],
    ['answered', {}, ['answer', 'carry_out', 'hand_back'], 'carry_out'],
    ['answered', {}, ['answer', 'hand_back'], 'hand_back'],
    ['suspended', {}, ['note', 'resume'], 'resume'],
    ['to_inform', {}, ['query', 'query_answer', 'note'], 'query_answer'],
    ['to_inform', {}, ['inform', 'query_answer'], 'inform'],
    ['archived', {}, ['reopen'], undefined],
  ])('of a form that is %s, with %j, offering %j, leads on by %s', (state, values, acts, next) => {
    expect(nextOf(formView({ state, values, offers: acts.map(can) }))?.act).toBe(next)
  })

  it('has every act once: the next, the others by group with keys in order, the impossible last', () => {
    const offers = [
      can('register'),
      can('print'),
      can('note'),
      cannot('close'),
      can('dispatch'),
      can('chase'),
      can('suspend'),
      can('hologram'),
      can('undo'),
    ]
    const panel = panelOf(formView({ state: 'to_dispatch', offers }))
    expect([panel.next?.offer.act, panel.next?.key]).toEqual(['dispatch', '1'])
    expect(
      panel.groups.map(({ name, acts }) => [name, acts.map(({ offer, key }) => `${key} ${offer.act}`)]),
    ).toEqual([
      ['steps', ['2 suspend']],
      ['people', ['3 chase']],
      ['records', ['4 note']],
      ['more', ['5 hologram']],
    ])
    expect(panel.impossible.map(({ act }) => act)).toEqual(['close'])
  })

  it('decides over the buttons elsewhere, too', () => {
    const form = formView({ offers: [cannot('void'), can('correct')] })
    expect([may(form, 'void'), may(form, 'correct'), may(formView({ state: 'voided' }), 'correct')]).toEqual([
      false,
      true,
      false,
    ])
  })
})
