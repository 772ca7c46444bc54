// Counts down the seconds until another passphrase may be tried.
import { onScopeDispose, ref, type Ref } from 'vue'

/** Seconds left, and the way to set them. */
export function useWaiting(): { left: Ref<number>; wait: (seconds: number) => void } {
  const left = ref(0)
  let until = 0
  let timer: ReturnType<typeof setInterval> | undefined

  function look(): void {
    left.value = Math.max(0, Math.ceil((until - Date.now()) / 1000))
    if (left.value === 0) clearInterval(timer)
  }

  function wait(seconds: number): void {
    clearInterval(timer)
    until = Date.now() + seconds * 1000
    look()
    if (left.value > 0) timer = setInterval(look, 250)
  }

  onScopeDispose(() => clearInterval(timer))
  return { left, wait }
}
