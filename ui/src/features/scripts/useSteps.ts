// Walks through the steps of a script. A step with seconds is said first; then the pause is counted down, and the next
// step follows by itself.
import { computed, onScopeDispose, ref, type Ref } from 'vue'
import type { Step } from '@/bridge/generated/types'

/** A walk through steps. */
export interface Walk {
  /** Index of the step at hand; -1 before the beginning, the number of steps behind the end. */
  at: Ref<number>
  /** Seconds left of its pause; undefined while none is counted. */
  left: Ref<number | undefined>
  running: Ref<boolean>
  begin: () => void
  /** Goes on: starts the pause of a step that has one, otherwise to the next step. */
  next: () => void
  stop: () => void
}

export function useSteps(steps: () => Step[]): Walk {
  const at = ref(-1)
  const left = ref<number>()
  let timer: ReturnType<typeof setInterval> | undefined
  let ends = 0

  function halt() {
    clearInterval(timer)
    left.value = undefined
  }

  function begin() {
    halt()
    at.value = 0
  }

  function count(seconds: number) {
    ends = Date.now() + seconds * 1000
    left.value = seconds
    // By the clock, not by counting ticks: a busy machine must not stretch the pause.
    timer = setInterval(() => {
      left.value = Math.max(0, Math.ceil((ends - Date.now()) / 1000))
      if (left.value === 0) follow()
    }, 200)
  }

  function follow() {
    halt()
    at.value = Math.min(at.value + 1, steps().length)
  }

  function next() {
    const seconds = steps()[at.value]?.seconds
    if (seconds && left.value === undefined) count(seconds)
    else follow()
  }

  function stop() {
    halt()
    at.value = -1
  }

  onScopeDispose(halt)
  const running = computed(() => at.value >= 0 && at.value < steps().length)
  return { at, left, running, begin, next, stop }
}
