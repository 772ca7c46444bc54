// One return visit at work: what is on screen, what may be done, and what each act sends.
import { computed, ref, shallowRef } from 'vue'
import { useI18n } from 'vue-i18n'
import { asFailure } from '@/bridge/call'
import { commands } from '@/bridge/generated/commands'
import type { Plan, Unsolved, VisitView } from '@/bridge/generated/types'
import { whyNot } from '@/shell/acts'
import { problem, sentence } from '@/shell/failure'
import { done, refused } from '@/shell/notice'
import { actOf, asking, requestOf, type Asked } from './asking'
import { useFresh } from './useFresh'

/** The visit of a page; `open` reads one, and each act shows what it has become. */
export function useVisit() {
  const { t } = useI18n()
  const visit = shallowRef<VisitView>()
  const answers = ref<Record<string, unknown>>({})
  const unsolved = ref<unknown>(null)
  const problems = shallowRef<Record<string, string>>({})
  const asked = shallowRef<Asked>()
  const correcting = ref(false)
  const busy = ref(false)
  const trouble = ref('')

  const may = (act: string) => visit.value?.offers.some((offer) => offer.act === act && !offer.why) ?? false
  const editing = computed(() => may('visit_record') || correcting.value)
  /** Why who sits here may not make this visit, where it is still to be made. */
  const barred = computed(() => {
    const offer = visit.value?.offers.find((one) => one.act === 'visit_record')
    return visit.value?.row.state === 'planned' && offer?.why ? whyNot(offer.why) : ''
  })

  /** Shows a visit; what was answered stays until it is recorded. */
  function take(view: VisitView) {
    visit.value = view
    correcting.value = false
    problems.value = {}
    answers.value =
      view.row.state === 'done' ? { ...view.values } : { source: 'said', means: 'phone', ...answers.value }
  }

  useFresh(visit, () => !editing.value && !asked.value && !busy.value, take)

  async function open(id: string): Promise<void> {
    visit.value = undefined
    answers.value = {}
    unsolved.value = null
    trouble.value = ''
    try {
      take(await commands.visit({ id }))
    } catch (thrown) {
      trouble.value = sentence(thrown)
    }
  }

  /** Does one thing at a time. What is wrong with a field goes beside it, other refusals are said. */
  async function during(work: () => Promise<VisitView | void>, said = ''): Promise<void> {
    if (busy.value) return
    busy.value = true
    try {
      const view = await work()
      asked.value = undefined
      if (view) take(view)
      if (said) done(said)
    } catch (thrown) {
      const failure = asFailure(thrown)
      const fields = failure.fields ?? []
      const plain = (key: string) => key.replace(/^(tasks|attempts)\./, '')
      problems.value = Object.fromEntries(fields.map((one) => [plain(one.field), problem(one)]))
      if (!fields.length) refused(thrown)
    } finally {
      busy.value = false
    }
  }

  const given = () => Object.fromEntries(Object.entries(answers.value).filter(([, value]) => value !== null))
  function record() {
    const view = visit.value
    if (!view) return
    if (correcting.value) {
      asked.value = asking('correct')
      return
    }
    if (!may('visit_record')) return
    const how = answers.value['answer.solved'] === 'no' ? (unsolved.value as Unsolved | null) : null
    const request = { id: view.row.id, values: given(), tasks: [], ...(how ? { unsolved: how } : {}) }
    void during(() => commands.recordVisit(request), t('visits.recorded'))
  }

  function simply(act: string, line?: Record<string, unknown>) {
    const view = visit.value
    if (!view || !may(act)) return
    void during(
      () => commands.actVisit({ id: view.row.id, act, values: {}, reason: '', ...(line ? { line } : {}) }),
      t('visits.done'),
    )
  }
  const missed = (outcome: string) =>
    simply('visit_try', { outcome, means: answers.value['means'] ?? 'phone' })
  /** Asks for what an act needs, where it may be done. */
  function ask(kind: Asked['kind']): void {
    const act = actOf(kind)
    if (!act || may(act)) asked.value = asking(kind)
  }

  function confirm(fields: Record<string, unknown>, reason: string) {
    const [view, what] = [visit.value, asked.value]
    if (!view || !what) return
    if (what.kind === 'allow') {
      return during(async () => {
        await commands.allowVisits({ customer: view.customer_id ?? '', reason })
        return commands.visit({ id: view.row.id })
      }, t('visits.done'))
    }
    if (what.kind === 'plan') {
      const { first, months, content } = fields
      const plan = {
        customer: view.customer_id ?? '',
        first: String(first ?? ''),
        months: Number(months),
        content: String(content ?? ''),
        stopped: false,
      } as Plan
      return during(async () => {
        await commands.saveVisitPlan({ plan })
      }, t('visits.done'))
    }
    const changed = Object.fromEntries(
      Object.entries(answers.value).filter(
        ([key, value]) => /^(answer|source)\./.test(key) && value !== view.values[key],
      ),
    )
    const request = requestOf(what, view.row.id, what.kind === 'correct' ? changed : fields, reason)
    if (request) return during(() => commands.actVisit(request), t('visits.done'))
  }
  const follow = (how: Unsolved) =>
    during(() => commands.followVisit({ id: visit.value?.row.id ?? '', unsolved: how }), t('visits.done'))
  const verify = (line: string, effective: boolean) =>
    during(
      () =>
        commands.actVisit({
          id: visit.value?.row.id ?? '',
          act: 'visit_task_verify',
          values: {},
          line: { effective },
          strike: line,
          reason: '',
        }),
      t('visits.done'),
    )

  return {
    visit,
    answers,
    unsolved,
    problems,
    asked,
    correcting,
    busy,
    trouble,
    may,
    editing,
    barred,
    open,
    record,
    simply,
    missed,
    ask,
    confirm,
    follow,
    verify,
  }
}
