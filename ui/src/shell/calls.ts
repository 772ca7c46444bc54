// Calls that a softphone announced: they wait while the desk is locked, then each gets a draft of its own. What is on
// screen stays a draft; the next call is opened in its place, further ones wait to be picked.
import { defineStore } from 'pinia'
import { ref, watch } from 'vue'
import { onCall } from '@/bridge/calls'
import { commands } from '@/bridge/generated/commands'
import type { Draft } from '@/bridge/generated/types'
import { refused } from './notice'
import { useSession } from './session'

export const useCalls = defineStore('calls', () => {
  const session = useSession()
  /** Calls that wait for the desk to be opened. */
  const waiting = ref(0)
  /** Drafts of calls that were not on screen yet, by id, the longest waiting first. */
  const unopened = ref<string[]>([])
  // Drafts that the list of drafts does not know yet.
  let fresh: Draft[] = []
  let turn = Promise.resolve()

  /** Counts the calls while the desk is locked, takes them once it is open. One after another, so that none is taken twice. */
  function answer(): Promise<void> {
    turn = turn.then(once, once)
    return turn
  }

  async function once(): Promise<void> {
    try {
      if (session.stage !== 'open') {
        waiting.value = (await commands.waitingCalls()).count
        return
      }
      const taken = await commands.takeCalls()
      waiting.value = 0
      fresh.push(...taken)
      unopened.value = [...unopened.value, ...taken.map((draft) => draft.id)]
    } catch (thrown) {
      refused(thrown)
    }
  }

  /** Hands over the drafts that were taken since the last time. */
  function collect(): Draft[] {
    const taken = fresh
    fresh = []
    return taken
  }

  /** It is on screen, or gone. */
  function opened(id: string) {
    unopened.value = unopened.value.filter((one) => one !== id)
  }

  // A locked desk keeps no number in memory; the drafts are on disk.
  watch(
    () => session.stage,
    (stage) => {
      if (stage !== 'open') fresh = []
      if (stage) void answer()
    },
  )

  /** Listens for as long as the window lives. */
  async function listen(): Promise<void> {
    await onCall(() => void answer())
  }

  return { waiting, unopened, answer, collect, opened, listen }
})
