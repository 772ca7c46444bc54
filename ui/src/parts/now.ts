// The time, ticking: one timer for everything on screen that counts up or down.
import { onScopeDispose, readonly, ref, type Ref } from 'vue'

const now = ref(Date.now())
let users = 0
let timer: ReturnType<typeof setInterval> | undefined

const tick = () => (now.value = Date.now())

/** Milliseconds since 1970, renewed every second for as long as the calling component lives. */
export function useNow(): Readonly<Ref<number>> {
  tick()
  if (users++ === 0) timer = setInterval(tick, 1000)
  onScopeDispose(() => {
    if (--users === 0) clearInterval(timer)
  })
  return readonly(now)
}
