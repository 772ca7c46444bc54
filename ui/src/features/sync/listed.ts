// A list of the page for synchronising: read at first, and again whenever its count has changed.
import { onMounted, shallowRef, watch } from 'vue'
import type { StandingProblem } from '@/bridge/generated/types'
import { useShared } from '@/shell/shared'

/** Reads by `load` what the standing counts as `problem`. */
export function useListed<T>(load: () => Promise<T[]>, problem: StandingProblem) {
  const shared = useShared()
  const list = shallowRef<T[]>()
  const failure = shallowRef<unknown>()

  async function look(): Promise<void> {
    try {
      list.value = await load()
      failure.value = undefined
    } catch (thrown) {
      failure.value = thrown
    }
  }
  onMounted(look)
  watch(() => shared.countOf(problem), look)
  return { list, failure }
}
