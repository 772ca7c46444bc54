// Shows what another machine did to the visit that is open, unless somebody is just working on it.
import { watch, type Ref } from 'vue'
import { commands } from '@/bridge/generated/commands'
import type { VisitView } from '@/bridge/generated/types'
import { useShared } from '@/shell/shared'

/** Reads `visit` anew whenever something came in while `idle()`, and hands it to `take` where it differs. */
export function useFresh(
  visit: Ref<VisitView | undefined>,
  idle: () => boolean,
  take: (next: VisitView) => void,
): void {
  const shared = useShared()
  watch(
    () => shared.moved,
    async () => {
      const before = visit.value
      if (!before || !idle()) return
      const next = await commands.visit({ id: before.row.id }).catch(() => undefined)
      if (!next || !idle() || visit.value !== before) return
      if (JSON.stringify(next) !== JSON.stringify(before)) take(next)
    },
  )
}
