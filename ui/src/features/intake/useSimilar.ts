// What is already known of the matter that is being told; asked while it is typed, quiet, and gone once dismissed.
import { onScopeDispose, shallowRef } from 'vue'
import type { Similar, SimilarRequest } from '@/bridge/generated/types'

/** Rest after the last key before the desk is asked, in milliseconds. */
export const REST = 400

/** Fields by which a matter is known again. */
const TELLING = /^(customer\.(name|phone2?)|product\.|description$)/

export function useSimilar(ask: (request: SimilarRequest) => Promise<Similar>) {
  const found = shallowRef<Similar>()
  let timer: ReturnType<typeof setTimeout> | undefined
  let turn = 0
  /** Forms that the person has decided against. */
  let dismissed: string[] = []

  function typed(key: string, values: Record<string, unknown>) {
    if (!TELLING.test(key)) return
    clearTimeout(timer)
    const mine = ++turn
    timer = setTimeout(async () => {
      const answer = await ask({ values: { ...values } }).catch(() => undefined)
      if (mine !== turn) return
      const forms = answer?.forms.filter(({ form }) => !dismissed.includes(form.id)) ?? []
      found.value = answer && (forms.length > 0 || answer.nth > 1) ? { ...answer, forms } : undefined
    }, REST)
  }

  /** 另立: these forms are another matter. */
  function dismiss() {
    dismissed = [...dismissed, ...(found.value?.forms ?? []).map(({ form }) => form.id)]
    found.value = undefined
  }

  onScopeDispose(() => clearTimeout(timer))
  return { found, typed, dismiss }
}
