// Locks the desk when nobody has touched it for a while.
import { onScopeDispose } from 'vue'

const signs = ['pointerdown', 'pointermove', 'wheel', 'keydown', 'input'] as const

/** Calls `lock` once `minutes()` have passed without input; 0 minutes is never. */
export function useIdleLock(minutes: () => number, lock: () => void): void {
  let last = Date.now()
  let locking = false

  // Looked at by the clock, not by a long timer: timers stand still while the machine sleeps.
  const expired = () => minutes() > 0 && Date.now() - last >= minutes() * 60_000

  function check(): void {
    if (locking || !expired()) return
    locking = true
    lock()
  }

  // The first movement after waking must not count as presence before the time asleep was looked at.
  function touch(): void {
    check()
    if (!locking) last = Date.now()
  }

  const clock = setInterval(check, 5000)
  for (const sign of signs) window.addEventListener(sign, touch, { capture: true, passive: true })
  onScopeDispose(() => {
    clearInterval(clock)
    for (const sign of signs) window.removeEventListener(sign, touch, { capture: true })
  })
}
