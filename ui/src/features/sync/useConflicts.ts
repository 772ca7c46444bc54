// The conflict inbox (冲突待定) as it stands: which one is looked at, which of its values, and the decision.
import { computed, ref, shallowRef, watch } from 'vue'
import { commands } from '@/bridge/generated/commands'
import type { Conflict, ResolveRequest } from '@/bridge/generated/types'
import { useShared } from '@/shell/shared'

/** Tells conflicts apart: a record may have several. */
export const keyOf = (conflict: Conflict): string => `${conflict.id} ${conflict.field}`

export function useConflicts() {
  const shared = useShared()
  const list = shallowRef<Conflict[]>()
  const failure = shallowRef<unknown>()
  const busy = ref(false)
  const chosen = ref('')
  const side = ref(0)
  let asked = 0

  const at = computed(() =>
    Math.max(
      0,
      (list.value ?? []).findIndex((conflict) => keyOf(conflict) === chosen.value),
    ),
  )
  const current = computed(() => list.value?.[at.value])

  function show(next: Conflict[]): void {
    // The one after that which was decided takes its place.
    const place = at.value
    const kept = next.find((conflict) => keyOf(conflict) === chosen.value)
    list.value = next
    if (!kept) pick(Math.min(place, next.length - 1))
    side.value = Math.min(side.value, (current.value?.values.length ?? 1) - 1)
  }

  async function load(): Promise<void> {
    const turn = ++asked
    try {
      const next = await commands.conflicts()
      if (turn !== asked) return
      show(next)
      failure.value = undefined
    } catch (thrown) {
      if (turn === asked) failure.value = thrown
    }
  }

  function pick(place: number): void {
    const next = list.value?.[Math.max(0, Math.min((list.value?.length ?? 1) - 1, place))]
    chosen.value = next ? keyOf(next) : ''
    side.value = 0
  }

  /** Looks at the value `by` places on, around the ends. */
  function turn(by: 1 | -1): void {
    const count = current.value?.values.length ?? 1
    side.value = (side.value + by + count) % count
  }

  /** Decides; rejects where the desk refuses. False where the conflict stays, because another value came in since. */
  async function decide(decision: Pick<ResolveRequest, 'choose' | 'value'>): Promise<boolean> {
    const conflict = current.value
    if (!conflict || busy.value) return false
    busy.value = true
    try {
      const seen = conflict.values.map((value) => value.stamp)
      const next = await commands.resolveConflict({
        id: conflict.id,
        field: conflict.field,
        ...decision,
        seen,
      })
      asked++
      show(next)
      void shared.look()
      return !next.some((other) => keyOf(other) === keyOf(conflict))
    } finally {
      busy.value = false
    }
  }

  watch(() => shared.moved, load)

  return { list, failure, busy, at, current, side, load, pick, turn, decide }
}
