// What stands in the way of registering, asked of the desk while the sheet is filled in. A field is left in peace
// until it was edited and left once; after a failed save everything that is wrong is shown.
import { computed, onScopeDispose, ref, shallowRef } from 'vue'
import { commands } from '@/bridge/generated/commands'
import type { FieldError } from '@/bridge/generated/types'
import { filled, type Values } from '@/parts/values'
import { problem } from '@/shell/failure'

/** Rest after the last edit before the desk is asked, in milliseconds. */
export const REST = 250

/** `values` are the sheet's, `order` its keys in paper order. */
export function useChecks(values: () => Values, order: () => string[]) {
  const found = shallowRef<FieldError[]>([])
  const edited = new Set<string>()
  const left = ref(new Set<string>())
  const all = ref(false)
  let timer: ReturnType<typeof setTimeout> | undefined
  let turn = 0

  const errors = computed(() =>
    Object.fromEntries(
      found.value.filter((e) => all.value || left.value.has(e.field)).map((e) => [e.field, problem(e)]),
    ),
  )
  const first = computed(() => order().find((key) => key in errors.value))

  async function ask() {
    const mine = ++turn
    try {
      const { fields } = await commands.check({ values: filled(values()) })
      if (mine === turn) found.value = fields
    } catch {
      // Advice only: registering asks again, and tells what it is refused for.
    }
  }

  function later() {
    clearTimeout(timer)
    timer = setTimeout(() => void ask(), REST)
  }

  function onEdit(key: string) {
    edited.add(key)
    if (all.value || left.value.size > 0) later()
  }

  function onLeave(key: string) {
    if (!edited.has(key)) return
    left.value = new Set(left.value).add(key)
    later()
  }

  /** A save was refused for these. */
  function refuse(fields: FieldError[]) {
    clearTimeout(timer)
    turn++
    all.value = true
    found.value = fields
  }

  onScopeDispose(() => clearTimeout(timer))
  return { errors, first, onEdit, onLeave, refuse }
}
