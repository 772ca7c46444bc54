// The scripts that fit what is being done, or what is looked for; asked for again when either changes.
import { onScopeDispose, ref, shallowRef, watch } from 'vue'
import { commands } from '@/bridge/generated/commands'
import type { Scripts } from '@/bridge/generated/types'
import { filled } from '@/parts/values'
import { useSituation } from '@/shell/situation'

/** Rest after the last change before the desk is asked, in milliseconds. */
export const REST = 250

export function useScripts() {
  const situation = useSituation()
  const query = ref('')
  const found = shallowRef<Scripts>()
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
      const next = await commands.scripts({ act, values: filled(values), query: words, raw: false })
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
