// A page of questions before the desk is open: which answer needs another look, Enter from one to the next, and sending.
import { computed, nextTick, onMounted, reactive, ref, type Ref } from 'vue'
import { useI18n } from 'vue-i18n'
import type { Failure } from '@/bridge/generated/types'
import { isComposing } from '@/parts/composing'
import { sentence } from '@/shell/failure'
import { useSession } from '@/shell/session'

/** What a page asks. */
export interface Questions<F extends string> {
  /** Fields in the order in which Enter goes through them. */
  order: readonly F[]
  /** Fields that need another look, each with the key of its sentence. */
  wrong: () => Partial<Record<F, string>>
  /** Sends the answers, once none needs another look; throws what was refused. */
  send: () => Promise<unknown> | void
  /** The field that a refusal is about, if it is about one. */
  about?: (failure: Failure) => string | undefined
}

/** Runs the questions inside of `form`, whose controls carry `data-field`; the first has the focus once they are there. */
export function useQuestions<F extends string>(form: Ref<HTMLFormElement | undefined>, asked: Questions<F>) {
  const { t } = useI18n()
  const session = useSession()
  const visited = reactive(new Set<string>())
  const failure = ref('')
  const busy = ref(false)
  const wrong = computed(asked.wrong)

  /** What is wrong with a field; nothing before it was visited. */
  const shown = (field: F) => {
    const key = wrong.value[field]
    return key && visited.has(field) ? t(key) : undefined
  }
  const focus = (field: string | undefined) =>
    field && form.value?.querySelector<HTMLElement>(`[data-field="${field}"]`)?.focus()
  const first = () => focus(asked.order[0])
  const fieldOf = (event: Event) => (event.target as HTMLElement).dataset.field as F | undefined
  onMounted(first)

  /** From now on the field that was left may be called wrong. */
  function leave(event: FocusEvent): void {
    const field = fieldOf(event)
    // Somebody who only passes through an empty field has not made a mistake yet.
    if (field && (event.target as HTMLInputElement).value) visited.add(field)
  }

  /** Enter goes on to the next field; on the last it sends. */
  function goOn(event: KeyboardEvent): void {
    const field = fieldOf(event)
    if (!field || isComposing(event)) return
    event.preventDefault()
    const next = asked.order[asked.order.indexOf(field) + 1]
    if (next) focus(next)
    else void send()
  }

  async function send(): Promise<void> {
    asked.order.forEach((field) => visited.add(field))
    const missing = asked.order.find((field) => wrong.value[field])
    if (missing) return void focus(missing)
    busy.value = true
    failure.value = ''
    try {
      await asked.send()
    } catch (thrown) {
      failure.value = sentence(thrown)
      busy.value = false
      // While it is busy nothing of the form takes the focus.
      await nextTick()
      focus(asked.about?.(thrown as Failure))
      if ((thrown as Failure).code === 'already_set_up') await session.start()
    }
    busy.value = false
  }

  return { shown, failure, busy, first, leave, goOn, send }
}
