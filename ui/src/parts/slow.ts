// Tells when something takes long enough to be worth showing: quick answers must not flicker.
import { onScopeDispose, readonly, ref, watch, type Ref } from 'vue'

/** True once `pending` has lasted 300 ms, false as soon as it ends. */
export function useSlow(pending: () => boolean): Readonly<Ref<boolean>> {
  const slow = ref(false)
  let timer: ReturnType<typeof setTimeout> | undefined
  watch(
    pending,
    (now) => {
      clearTimeout(timer)
      slow.value = false
      if (now) timer = setTimeout(() => (slow.value = true), 300)
    },
    { immediate: true },
  )
  onScopeDispose(() => clearTimeout(timer))
  return readonly(slow)
}
