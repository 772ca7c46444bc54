// The board (工作台) as it stands: the queues of who sits here, the chosen one, its rows. Kept fresh while it is looked
// at; the queue that was chosen last is remembered.
import { defineStore } from 'pinia'
import { computed, ref, shallowRef, watch } from 'vue'
import { commands } from '@/bridge/generated/commands'
import type { Board, QueueRow } from '@/bridge/generated/types'
import { useSession } from '@/shell/session'

/** Rows asked for at a time; the desk gives no more. */
export const pageSize = 100
/** Remembers a queue by its code. Holds nothing of any form. */
const queueKey = 'kefu.queue'
/** What is counted here and has a list of its own: its code, and where that list is. */
export const elsewhere: Record<string, string> = {
  visits: '/visits',
  channels: '/channels',
  paper: '/intake?paper=1',
}

export const useBoard = defineStore('board', () => {
  const session = useSession()
  const board = shallowRef<Board>()
  const chosen = ref(localStorage.getItem(queueKey) ?? '')
  const rows = shallowRef<QueueRow[]>()
  const total = ref(0)
  const active = ref(0)
  const failure = shallowRef<unknown>()
  const pending = ref(false)
  /** How many rows are wanted on screen. */
  let wanted = pageSize
  let asked = 0

  const queues = computed(() => board.value?.queues ?? [])
  /** Those that hold forms. */
  const ofForms = computed(() => queues.value.filter((queue) => !(queue.key in elsewhere)))
  /** The chosen queue; where that is nobody's business here, the first in which something waits. */
  const key = computed(() => {
    const known = ofForms.value.find((queue) => queue.key === chosen.value)
    const waiting = ofForms.value.find((queue) => queue.count > 0)
    return (known ?? waiting ?? ofForms.value[0])?.key ?? ''
  })
  const row = computed(() => rows.value?.[active.value])

  /** Reads queues and rows anew; the chosen row stays chosen, wherever it has moved. */
  async function refresh(): Promise<void> {
    const turn = ++asked
    pending.value = true
    try {
      const next = await commands.board()
      if (turn !== asked) return
      board.value = next
      const found = key.value ? await read(key.value) : { rows: [], total: 0 }
      if (turn !== asked) return
      const kept = found.rows.findIndex((other) => other.form.id === row.value?.form.id)
      rows.value = found.rows
      total.value = found.total
      active.value = Math.max(0, kept >= 0 ? kept : Math.min(active.value, found.rows.length - 1))
      failure.value = undefined
    } catch (thrown) {
      if (turn === asked) failure.value = thrown
    }
    if (turn === asked) pending.value = false
  }

  async function read(queue: string): Promise<{ rows: QueueRow[]; total: number }> {
    const found: QueueRow[] = []
    for (;;) {
      const page = await commands.queue({ key: queue, offset: found.length, limit: pageSize })
      found.push(...page.rows)
      if (page.rows.length < pageSize || found.length >= wanted) return { rows: found, total: page.total }
    }
  }

  async function choose(queue: string | undefined): Promise<void> {
    if (!queue || queue === key.value) return
    chosen.value = queue
    localStorage.setItem(queueKey, queue)
    wanted = pageSize
    rows.value = undefined
    active.value = 0
    await refresh()
  }

  /** The queue `by` places on, around the ends. */
  function step(by: 1 | -1): Promise<void> {
    const at = ofForms.value.findIndex((queue) => queue.key === key.value)
    const count = ofForms.value.length
    return choose(count ? ofForms.value[(at + by + count) % count]?.key : undefined)
  }

  /** Shows further rows of the queue. */
  function more(): Promise<void> {
    wanted += pageSize
    return refresh()
  }

  // What waits for one person is nothing to show to the next, nor behind a lock.
  watch(
    () => session.desk?.seat,
    () => {
      asked++
      board.value = undefined
      rows.value = undefined
      active.value = 0
    },
  )

  return { board, queues, key, rows, row, total, active, failure, pending, refresh, choose, step, more }
})
