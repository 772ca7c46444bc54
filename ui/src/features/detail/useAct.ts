// The act being done to a form: its controls, what was filled in so far, and its way to the desk. Nothing is lost by
// looking elsewhere; drafts of acts live in memory only and go with the program.
import { computed, ref, shallowRef, watch } from 'vue'
import { asFailure } from '@/bridge/call'
import { commands } from '@/bridge/generated/commands'
import type { Colleague, FieldError, FormView } from '@/bridge/generated/types'
import { t } from '@/locales'
import { rfc3339 } from '@/parts/moment'
import { isEmpty, type Values } from '@/parts/values'
import { actName } from '@/shell/acts'
import { problem } from '@/shell/failure'
import { done, refused } from '@/shell/notice'
import { useSession } from '@/shell/session'
import { itemsOf, missing, prefill, requestOf } from './asking'

/** What was filled in, by who, form and act. */
const drafts = new Map<string, Values>()

/** Does acts to `form`; `told` hears of the form as it is afterwards. */
export function useAct(form: () => FormView, told: (after: FormView) => void) {
  const session = useSession()
  const chosen = ref('')
  const values = shallowRef<Values>({})
  const wrong = shallowRef<FieldError[]>([])
  const busy = ref(false)
  const colleagues = shallowRef<Colleague[]>()

  const offer = computed(() => form().offers.find((other) => other.act === chosen.value && !other.why))
  const known = {
    fieldOf: session.fieldOf,
    options: (list: string) => session.desk?.codes[list]?.items ?? [],
    reasonLabel: t('detail.reason'),
  }
  const items = computed(() => (offer.value ? itemsOf(offer.value, form(), known) : []))
  const errors = computed(() => Object.fromEntries(wrong.value.map((e) => [e.field, problem(e)])))
  const draftKey = () => [session.desk?.seat, form().id, chosen.value].join(' ')

  /** Opens the form of an act, where it was left. */
  function begin(act: string) {
    chosen.value = act
    wrong.value = []
    if (!offer.value) return leave()
    const me = session.desk?.member ?? ''
    const first = prefill(offer.value, items.value, form(), me, rfc3339(new Date()))
    values.value = drafts.get(draftKey()) ?? first
    const people = ['person', 'department', 'party']
    if (!colleagues.value && items.value.some((item) => people.includes(item.kind))) void loadColleagues()
  }

  async function loadColleagues() {
    try {
      colleagues.value = await commands.colleagues()
    } catch (thrown) {
      refused(thrown)
    }
  }

  /** Back to the list of acts; what was filled in is kept. */
  function leave() {
    chosen.value = ''
    values.value = {}
    wrong.value = []
  }

  function set(key: string, value: unknown) {
    values.value = { ...values.value, [key]: isEmpty(value) && typeof value !== 'string' ? null : value }
    wrong.value = wrong.value.filter((e) => e.field !== key && e.field !== `${key}_seat`)
    drafts.set(draftKey(), values.value)
  }

  /** Does the act. Answers with the name of the first field that stands in the way, if any does. */
  async function send(): Promise<string | undefined> {
    const doing = offer.value
    if (!doing || busy.value) return
    const open = missing(items.value, values.value)
    if (open.length > 0) {
      wrong.value = open.map((item) => ({ field: item.name, problem: 'required' }))
      return open[0]?.name
    }
    busy.value = true
    try {
      const key = draftKey()
      const after = await commands.act(requestOf(doing, form(), items.value, values.value))
      drafts.delete(key)
      leave()
      told(after)
      done(t('detail.didAct', { act: actName(doing.act) }))
    } catch (thrown) {
      return await refusedBy(thrown)
    } finally {
      busy.value = false
    }
  }

  async function refusedBy(thrown: unknown): Promise<string | undefined> {
    const { code, fields } = asFailure(thrown)
    const list = items.value.find((item) => item.kind === 'line')?.name ?? ''
    const named = (fields ?? []).map((e) => (e.field === 'strike' ? { ...e, field: list } : e))
    if (code === 'reason_required') named.push({ field: 'reason', problem: 'required' })
    const asked = (name: string) =>
      items.value.find((item) => item.name === name || item.seat === name)?.name ?? ''
    wrong.value = named.map((e) => ({ ...e, field: asked(e.field) || e.field }))
    const first = items.value.find((item) => wrong.value.some((e) => e.field === item.name))
    // What cannot be shown beside a control is said in a sentence.
    if (!first || wrong.value.some((e) => !asked(e.field))) refused(thrown)
    if (!first && code !== 'locked') await reload()
    return first?.name
  }

  // Somebody may have been quicker: the form as it is now says what is still possible.
  async function reload() {
    try {
      told(await commands.show({ id: form().id }))
    } catch (thrown) {
      refused(thrown)
    }
  }

  /** Takes the last act back. */
  async function undo(): Promise<void> {
    const act = form().course.undoable
    if (!act || busy.value) return
    busy.value = true
    try {
      told(await commands.act({ id: form().id, act: 'undo', values: {}, add: {}, strike: [], reason: '' }))
      done(t('detail.undone', { act: actName(act) }))
    } catch (thrown) {
      refused(thrown)
      await reload()
    } finally {
      busy.value = false
    }
  }

  // An act that is no longer possible has no form any more.
  watch(offer, (now) => !now && chosen.value && leave())

  return { chosen, offer, items, values, errors, busy, colleagues, begin, leave, set, send, undo }
}
