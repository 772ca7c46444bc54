// The one search box: what is typed, what the desk finds, which of it is chosen. The archive shows the rows.
import { defineStore } from 'pinia'
import { computed, ref, shallowRef, watch } from 'vue'
import { commands } from '@/bridge/generated/commands'
import type { FindPage } from '@/bridge/generated/types'

/** Rest after the last key before the desk is asked, in milliseconds. */
export const rest = 120
/** Pixels of a window above the rows of the list, at least, and of each row. */
const [above, row] = [120, 48]
/** Rows asked for first: a screen of them is there before the others are read. */
const screen = () => Math.max(8, Math.min(limit, Math.ceil((window.innerHeight - above) / row)))
/** Rows shown at most. */
const limit = 50

export const useSearch = defineStore('search', () => {
  const query = ref('')
  const page = shallowRef<FindPage>()
  /** What `page` answers: words are marked by this, not by what is being typed. */
  const answered = ref('')
  const failure = shallowRef<unknown>()
  const pending = ref(false)
  const active = ref(0)
  /** Raised to have the box take the focus. */
  const calls = ref(0)

  const wanted = computed(() => query.value.trim())
  let timer: ReturnType<typeof setTimeout> | undefined
  let asked = 0

  watch(wanted, (words) => {
    clearTimeout(timer)
    const turn = ++asked
    pending.value = words !== ''
    if (words === '') {
      page.value = undefined
      answered.value = ''
      failure.value = undefined
      return
    }
    timer = setTimeout(() => void ask(words, turn), rest)
  })

  async function ask(words: string, turn: number): Promise<void> {
    try {
      const found = await commands.find({ query: words, limit: screen() })
      // An answer that comes after a newer question is of no use to anyone.
      if (turn !== asked) return
      page.value = found
      answered.value = words
      failure.value = undefined
      active.value = 0
    } catch (thrown) {
      if (turn !== asked) return
      page.value = undefined
      failure.value = thrown
    }
    pending.value = false
    if (page.value?.more) await askForMore(words, turn)
  }

  /** Puts the same rows there with those that follow; without an answer the first ones stay, and say that there are more. */
  async function askForMore(words: string, turn: number): Promise<void> {
    const found = await commands.find({ query: words, limit }).catch(() => undefined)
    if (turn === asked && found) page.value = found
  }

  /** Moves the choice by `step` rows, staying within what was found. */
  function move(step: number): void {
    const last = (page.value?.rows.length ?? 0) - 1
    active.value = Math.max(0, Math.min(last, active.value + step))
  }

  /** The chosen row; none while the answer to what is typed is still on its way. */
  const chosen = computed(() => (pending.value ? undefined : page.value?.rows[active.value]))

  function clear(): void {
    query.value = ''
  }

  return { query, wanted, page, answered, failure, pending, active, calls, chosen, move, clear }
})
