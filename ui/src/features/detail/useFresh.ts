// Shows what another machine did to the form that is open, unless somebody is just working on it.
import { watch, type Ref } from 'vue'
import { commands } from '@/bridge/generated/commands'
import type { FormView } from '@/bridge/generated/types'
import { useShared } from '@/shell/shared'

/** Reads `form` anew whenever something came in while `idle()`. Where nothing differs, nothing is redrawn. */
export function useFresh(form: Ref<FormView>, idle: () => boolean): void {
  const shared = useShared()
  watch(
    () => shared.moved,
    async () => {
      if (!idle()) return
      const before = form.value
      // A form that cannot be read now is read when it is opened next; what is on screen stays.
      const next = await commands.show({ id: before.id }).catch(() => undefined)
      if (!next || !idle() || form.value !== before) return
      if (JSON.stringify(next) !== JSON.stringify(before)) form.value = next
    },
  )
}
