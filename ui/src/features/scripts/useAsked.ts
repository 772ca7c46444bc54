// What the desk has for what is being done, or for what is looked for; asked for again when either changes.
import { onScopeDispose, ref, shallowRef, watch } from 'vue'
import type { Values } from '@/parts/values'
import { filled } from '@/parts/values'
import { useSituation } from '@/shell/situation'

/** Rest after the last change before the desk is asked, in milliseconds. */
export const REST = 250

/** Asks by `fetch`, for the act and the values on the form, and the words looked for. */
export function useAsked<T>(fetch: (act: string, values: Values, query: string) => Promise<T>) {
  const situation = useSituation()
  const query = ref('')
  const found = shallowRef<T>()
  /** What `found` answers. */
  const answered = ref('')
  const failure = shallowRef<unknown>()
  let timer: ReturnType<typeof setTimeout> | undefined
  let asked = 0

  async function ask(): Promise<void> {
    const turn = ++asked
    const words = query.value.trim()
    try {
      const { act, values } = situation.now
      const next = await fetch(act, filled(values), words)
      // An answer that comes after a newer question is of no use to anyone.
      if (turn !== asked) return
      found.value = next
      answered.value = words
      failure.value = undefined
    } catch (thrown) {
      if (turn === asked) failure.value = thrown
    }
  }

  watch([() => situation.now, query], () => {
    clearTimeout(timer)
    timer = setTimeout(() => void ask(), REST)
  })
  onScopeDispose(() => clearTimeout(timer))
  void ask()

  return { query, found, answered, failure, ask }
}
