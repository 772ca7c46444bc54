// The list of forms as it stands: filter, order, page, chosen row. Filter and order outlive the program.
import { defineStore } from 'pinia'
import { computed, ref, shallowRef, watch } from 'vue'
import { commands } from '@/bridge/generated/commands'
import type { Filter, ListPage, SortKey } from '@/bridge/generated/types'
import { refused } from '@/shell/notice'
import { everything, usePreferences } from '@/shell/preferences'
import { useSession } from '@/shell/session'
import { daysOf, periods, type Days, type Period } from './periods'

/** Rows a page. */
export const pageSize = 50
/** Rest before a changed filter is kept, in milliseconds. */
const rest = 600
/** Quick picks are remembered by name: tomorrow, "today" is another day. Holds nothing of any form. */
const periodKey = 'kefu.period'

/** The filters that pick from a list. */
export const picks = ['kinds', 'categories', 'customer_types', 'states', 'channels', 'receivers'] as const
/** One of them. */
export type Pick = (typeof picks)[number]

export const useListing = defineStore('listing', () => {
  const preferences = usePreferences()
  const session = useSession()
  const page = shallowRef<ListPage>()
  const offset = ref(0)
  const active = ref(0)
  const pending = ref(false)
  const failure = shallowRef<unknown>()
  const receivers = ref<string[]>([])
  const period = ref<Period>(rememberedPeriod(preferences.now.filter))

  const filter = computed(() => preferences.now.filter)
  const sort = computed(() => preferences.now.sort)
  const descending = computed(() => preferences.now.descending)
  const filtered = computed(
    () => period.value !== 'all' || picks.some((pick) => filter.value[pick].length > 0),
  )
  const pages = computed(() => Math.max(1, Math.ceil((page.value?.total ?? 0) / pageSize)))
  const pageNumber = computed(() => Math.floor(offset.value / pageSize) + 1)

  let asked = 0
  let keeping: ReturnType<typeof setTimeout> | undefined

  async function load(): Promise<void> {
    const turn = ++asked
    pending.value = true
    try {
      const days = period.value === 'custom' ? {} : daysOf(period.value, new Date())
      const answer = await commands.list({
        filter: period.value === 'custom' ? filter.value : { ...withoutDays(filter.value), ...days },
        sort: sort.value,
        descending: descending.value,
        offset: offset.value,
        limit: pageSize,
      })
      if (turn !== asked) return
      if (answer.rows.length === 0 && offset.value > 0) return await go(Math.ceil(answer.total / pageSize))
      page.value = answer
      active.value = Math.max(0, Math.min(active.value, answer.rows.length - 1))
      failure.value = undefined
    } catch (thrown) {
      if (turn === asked) failure.value = thrown
    }
    if (turn === asked) pending.value = false
  }

  async function loadReceivers(): Promise<void> {
    receivers.value = (await commands.receivers()).names
  }

  /** Shows page `number`, counted from 1. */
  async function go(number: number, row = 0): Promise<void> {
    const wanted = Math.max(1, number)
    offset.value = (wanted - 1) * pageSize
    active.value = row
    await load()
  }

  async function change(part: { filter?: Filter; sort?: SortKey; descending?: boolean }): Promise<void> {
    Object.assign(preferences.now, part)
    clearTimeout(keeping)
    keeping = setTimeout(() => preferences.save({}).catch(refused), rest)
    await go(1)
  }

  const pick = (which: Pick, values: string[]) => change({ filter: { ...filter.value, [which]: values } })

  function during(wanted: Period, days: Days = {}): Promise<void> {
    period.value = wanted
    localStorage.setItem(periodKey, wanted)
    const range = wanted === 'custom' ? days : daysOf(wanted, new Date())
    return change({ filter: { ...withoutDays(filter.value), ...range } })
  }

  function clear(): Promise<void> {
    period.value = 'all'
    localStorage.setItem(periodKey, 'all')
    return change({ filter: everything() })
  }

  /** Orders by `key`; a second time turns it round. Names begin at A, times and numbers with the newest. */
  function orderBy(key: SortKey): Promise<void> {
    return change({ sort: key, descending: sort.value === key ? !descending.value : key !== 'customer' })
  }

  // Locked means that no row of the list stays for the next person to see, nor one that is still on its way. Drafts
  // are dropped by their own store; only unfinished corrections stay in memory on purpose, to be taken up again.
  watch(
    () => session.stage,
    (stage) => {
      if (stage === 'open') return
      asked++
      pending.value = false
      page.value = undefined
      receivers.value = []
      offset.value = active.value = 0
    },
  )

  return {
    page,
    offset,
    active,
    pending,
    failure,
    receivers,
    period,
    filter,
    sort,
    descending,
    filtered,
    pages,
    pageNumber,
    load,
    loadReceivers,
    go,
    pick,
    during,
    clear,
    orderBy,
  }
})

function withoutDays({ from: _from, to: _to, ...others }: Filter): Filter {
  return others
}

function rememberedPeriod(filter: Filter): Period {
  const kept = localStorage.getItem(periodKey) as Period | null
  if (kept && periods.includes(kept) && kept !== 'custom') return kept
  return filter.from || filter.to ? 'custom' : 'all'
}
