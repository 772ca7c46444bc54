// The shared desk (共享台) as every page needs it: where this machine stands, and that something came in from elsewhere.
import { defineStore } from 'pinia'
import { computed, ref, shallowRef, watch } from 'vue'
import { commands } from '@/bridge/generated/commands'
import type { Standing, StandingProblem, WorkspaceCreated } from '@/bridge/generated/types'
import { onStanding } from '@/bridge/standing'
import { useSession } from './session'

/** Between two looks, in milliseconds: what waits to be sent grows without an exchange telling of it. */
const PERIOD = 5_000
/** While much is being received, which no event tells of either. */
const CLOSE = 1_000

export const useShared = defineStore('shared', () => {
  const session = useSession()
  /** Missing while the desk is locked. */
  const standing = shallowRef<Standing>()
  /** Raised when the log of this machine moved, or something of it was sent: whoever shows lists reads them anew. */
  const moved = ref(0)
  /** A recovery kit that is on screen until part of it was typed back. */
  const kit = shallowRef<WorkspaceCreated>()
  let timer: ReturnType<typeof setTimeout> | undefined

  const joined = computed(() => standing.value?.joined ?? false)
  const countOf = (problem: StandingProblem) =>
    standing.value?.problems.find((entry) => entry.problem === problem)?.count ?? 0

  function take(next: Standing): void {
    const before = standing.value
    if (session.stage !== 'open') return
    standing.value = next
    if (before && next.joined && (next.log !== before.log || next.to_send < before.to_send)) moved.value++
    clearTimeout(timer)
    if (next.joined) timer = setTimeout(() => void look(), next.loading ? CLOSE : PERIOD)
  }

  /** Asks where the desk stands. What fails here is told by whatever the person does next. */
  async function look(): Promise<void> {
    clearTimeout(timer)
    if (session.stage !== 'open') return
    try {
      take(await commands.standing())
    } catch {
      timer = setTimeout(() => void look(), PERIOD)
    }
  }

  /** Exchanges now. */
  async function exchange(): Promise<void> {
    take(await commands.exchange())
  }

  watch(
    () => session.stage,
    (stage) => {
      clearTimeout(timer)
      standing.value = undefined
      if (stage === 'open') void look()
      // Who opens the desk next need not be the one who made the workspace.
      else kit.value = undefined
    },
    { immediate: true },
  )
  watch(moved, () => session.look().catch(() => undefined))

  /** Listens for as long as the window lives. */
  async function listen(): Promise<void> {
    await onStanding(take)
  }

  return { standing, moved, kit, joined, countOf, look, exchange, listen }
})
