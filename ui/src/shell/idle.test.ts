// Guards that an unattended desk locks, also after the machine slept.
import { effectScope } from 'vue'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { useIdleLock } from './idle'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

function idle(minutes: number) {
  const lock = vi.fn()
  const scope = effectScope()
  scope.run(() => useIdleLock(() => minutes, lock))
  return { lock, stop: () => scope.stop() }
}

it('locks after the minutes without input, once', () => {
  const { lock, stop } = idle(10)
  vi.advanceTimersByTime(9.9 * 60_000)
  expect(lock).not.toHaveBeenCalled()
  vi.advanceTimersByTime(60_000)
  expect(lock).toHaveBeenCalledTimes(1)
  stop()
})

it('starts anew with every sign of a person', () => {
  const { lock, stop } = idle(10)
  for (const sign of ['pointermove', 'keydown', 'wheel', 'pointerdown']) {
    vi.advanceTimersByTime(6 * 60_000)
    window.dispatchEvent(new Event(sign))
  }
  expect(lock).not.toHaveBeenCalled()
  stop()
})

it('locks on waking, before the first movement counts', () => {
  const { lock, stop } = idle(10)
  vi.setSystemTime(Date.now() + 60 * 60_000)
  window.dispatchEvent(new Event('pointermove'))
  expect(lock).toHaveBeenCalledTimes(1)
  stop()
})

it('never locks at 0, nor after its page is gone', () => {
  const never = idle(0)
  const gone = idle(10)
  gone.stop()
  vi.advanceTimersByTime(24 * 60 * 60_000)
  expect(never.lock).not.toHaveBeenCalled()
  expect(gone.lock).not.toHaveBeenCalled()
  never.stop()
})
