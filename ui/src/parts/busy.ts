// One piece of work at a time: buttons are disabled while it lasts, and a refusal of it is said.
import { ref } from 'vue'
import { refused } from '@/shell/notice'

/** Whether something is under way, and the way to do something: what is asked for meanwhile is left out. */
export function useBusy() {
  const busy = ref(false)
  async function during(work: () => Promise<unknown>): Promise<void> {
    if (busy.value) return
    busy.value = true
    try {
      await work()
    } catch (thrown) {
      refused(thrown)
    } finally {
      busy.value = false
    }
  }
  return { busy, during }
}
