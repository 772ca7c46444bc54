// When a draft is saved: soon after the last edit, and never later than a moment after the first unsaved one, so that
// at most a second of typing is missing whatever happens to the machine.
import { ref, type Ref } from 'vue'

/** Rest after the last edit, in milliseconds. */
export const REST = 300
/** Longest that the first unsaved edit waits, in milliseconds. */
export const LONGEST = 800
/** Pause before a failed save is tried again, in milliseconds. */
export const AGAIN = 3000

/** `clean`: everything is on disk. */
export type Saving = 'clean' | 'waiting' | 'saving' | 'failed'

/** Saves what it is told has changed. */
export interface Saver {
  state: Ref<Saving>
  touch: () => void
  /** Saves what is unsaved now; resolves when it is on disk or has failed. */
  flush: () => Promise<void>
  /** Forgets what is unsaved: the draft is gone. Resolves when nothing is under way any more. */
  stop: () => Promise<void>
}

/** `save` writes the state of the moment at which it is called. */
export function createSaver(save: () => Promise<void>, failed: (thrown: unknown) => void): Saver {
  const state = ref<Saving>('clean')
  let dirty = false
  let stopped = false
  let firstEdit = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  let under: Promise<void> | undefined

  function schedule(wait: number) {
    clearTimeout(timer)
    timer = setTimeout(() => void flush(), wait)
  }

  function touch() {
    if (stopped) return
    if (!dirty) firstEdit = Date.now()
    dirty = true
    if (state.value !== 'saving') state.value = 'waiting'
    schedule(Math.max(0, Math.min(REST, firstEdit + LONGEST - Date.now())))
  }

  async function flush(): Promise<void> {
    clearTimeout(timer)
    while (under) await under
    if (!dirty || stopped) return
    under = once()
    await under
  }

  async function once(): Promise<void> {
    dirty = false
    state.value = 'saving'
    try {
      await save()
      state.value = dirty ? 'waiting' : 'clean'
    } catch (thrown) {
      // Still unsaved: the next edit, leaving the page or the timer tries again.
      if (!dirty) firstEdit = Date.now()
      dirty = true
      state.value = 'failed'
      if (!stopped) schedule(AGAIN)
      failed(thrown)
    } finally {
      under = undefined
    }
  }

  async function stop() {
    stopped = true
    clearTimeout(timer)
    while (under) await under
    state.value = 'clean'
  }

  return { state, touch, flush, stop }
}
