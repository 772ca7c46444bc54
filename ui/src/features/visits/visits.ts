// The work list of visits: which ones are shown, the rows, the chosen one. The filter chosen last is remembered.
import { defineStore } from 'pinia'
import { computed, ref, shallowRef, watch } from 'vue'
import { commands } from '@/bridge/generated/commands'
import type { VisitFilter, VisitRow, VisitsPage } from '@/bridge/generated/types'
import { useSession } from '@/shell/session'

/** Filters in the order of the page; their places are their keys. */
export const filters: VisitFilter[] = [
  'due',
  'overdue',
  'agreed',
  'mine',
  'open',
  'pending',
  'tasks',
  'over',
  'out_of_place',
]
/** Rows asked for at a time; the desk gives no more. */
export const pageSize = 100
const filterKey = 'kefu.visits'

export const useVisits = defineStore('visits', () => {
  const session = useSession()
  const stored = localStorage.getItem(filterKey) as VisitFilter | null
  const filter = ref<VisitFilter>(stored && filters.includes(stored) ? stored : 'due')
  const page = shallowRef<VisitsPage>()
  const active = ref(0)
  const failure = shallowRef<unknown>()
  let wanted = pageSize
  let asked = 0

  const rows = computed<VisitRow[]>(() => page.value?.rows ?? [])
  const row = computed(() => rows.value[active.value])

  /** Reads the list anew; the chosen row stays chosen, wherever it has moved. */
  async function refresh(): Promise<void> {
    const turn = ++asked
    try {
      const found: VisitRow[] = []
      for (;;) {
        const next = await commands.visits({ filter: filter.value, offset: found.length, limit: pageSize })
        if (turn !== asked) return
        found.push(...next.rows)
        if (next.rows.length < pageSize || found.length >= wanted) {
          const kept = found.findIndex((other) => other.id === row.value?.id)
          page.value = { ...next, rows: found }
          active.value = Math.max(0, kept >= 0 ? kept : Math.min(active.value, found.length - 1))
          failure.value = undefined
          return
        }
      }
    } catch (thrown) {
      if (turn === asked) failure.value = thrown
    }
  }

  async function choose(next: VisitFilter | undefined): Promise<void> {
    if (!next) return
    filter.value = next
    localStorage.setItem(filterKey, next)
    wanted = pageSize
    page.value = page.value && { ...page.value, rows: [], total: 0 }
    active.value = 0
    await refresh()
  }

  function more(): Promise<void> {
    wanted += pageSize
    return refresh()
  }

  // What one person may see is nothing to show to the next.
  watch(
    () => session.desk?.seat,
    () => {
      asked++
      page.value = undefined
      active.value = 0
    },
  )

  return { filter, page, rows, row, active, failure, refresh, choose, more }
})
