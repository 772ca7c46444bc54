// One visit while it is on screen: acts on it, one after the other, each answered by the sheet as it then stands.
import { ref, shallowRef } from 'vue'
import { commands } from '@/bridge/generated/commands'
import type { ServiceActRequest, ServiceView } from '@/bridge/generated/types'
import { useFieldDesk } from './desk'

/** Acts on one visit. */
export type Visit = ReturnType<typeof useVisit>

export function useVisit() {
  const field = useFieldDesk()
  const view = shallowRef<ServiceView>()
  const trouble = ref('')
  const busy = ref(false)
  let queue: Promise<unknown> = Promise.resolve()

  async function load(id: string) {
    try {
      if (!field.desk) await field.load()
      view.value = await commands.service({ id })
      trouble.value = ''
    } catch (thrown) {
      trouble.value = field.refusal(thrown)
    }
  }

  /** Reads it anew after something came in from elsewhere, behind what was asked before; where nothing differs, nothing moves. */
  function look(): void {
    queue = queue.then(async () => {
      const before = view.value
      if (!before) return
      // One that cannot be read now is read when it is opened next; what is on screen stays.
      const next = await commands.service({ id: before.id }).catch(() => undefined)
      if (next && view.value === before && JSON.stringify(next) !== JSON.stringify(before)) view.value = next
    })
  }

  /** Whether who sits here may do this now. */
  const may = (act: string): boolean => view.value?.acts.includes(act) ?? false

  /** Does an act; true once it is on disk. What was asked before it is written before it. */
  function act(name: string, given: Partial<Omit<ServiceActRequest, 'id' | 'act'>> = {}): Promise<boolean> {
    const next = queue.then(async () => {
      const id = view.value?.id
      if (!id) return false
      busy.value = true
      try {
        const request = { values: {}, add: [], strike: [], reason: '', ...given, id, act: name }
        view.value = await commands.serviceAct(request)
        trouble.value = ''
        return true
      } catch (thrown) {
        // Leaving a field as it was is no fault.
        const unchanged = (thrown as { code?: string }).code === 'nothing_changed'
        trouble.value = unchanged ? '' : field.refusal(thrown)
        return unchanged
      } finally {
        busy.value = false
      }
    })
    queue = next
    return next
  }

  return { view, trouble, busy, load, look, may, act }
}
