// The drafts at this desk, newest first.
import { defineStore } from 'pinia'
import { ref } from 'vue'
import { commands } from '@/bridge/generated/commands'
import type { Draft } from '@/bridge/generated/types'
import { asMarked } from '@/parts/marks'

export const useDrafts = defineStore('drafts', () => {
  const all = ref<Draft[]>([])
  let loading: Promise<void> | undefined

  /** Reads them from the store. */
  function load(): Promise<void> {
    loading ??= (async () => {
      try {
        all.value = await commands.drafts()
      } finally {
        loading = undefined
      }
    })()
    return loading
  }

  const find = (id: string) => all.value.find((draft) => draft.id === id)

  /** A draft was saved: its place in the list stays, so that the row under the mouse does not jump. */
  function put(draft: Draft) {
    const at = all.value.findIndex((d) => d.id === draft.id)
    all.value = at < 0 ? [draft, ...all.value] : all.value.map((d) => (d.id === draft.id ? draft : d))
  }

  // Ids of drafts that are no more: a save that was still waiting must not bring one back.
  const gone = new Set<string>()

  /** It became a form, or was thrown away. */
  function forget(id: string) {
    gone.add(id)
    all.value = all.value.filter((draft) => draft.id !== id)
  }

  async function discard(id: string) {
    const was = find(id)
    forget(id)
    if (!was) return
    try {
      await commands.discardDraft({ id })
    } catch (thrown) {
      gone.delete(id)
      put(was)
      throw thrown
    }
  }

  const isGone = (id: string) => gone.has(id)

  return { all, load, find, put, forget, discard, isGone }
})

/** What a draft is called: the customer, or the first words of what he said; empty if there is neither. */
export function titleOf(values: Record<string, unknown>): string {
  const name = values['customer.name'] ?? values['customer.phone']
  if (typeof name === 'string' && name.trim()) return name.trim()
  return Array.from(asMarked(values['description']).text.trim().replace(/\s+/g, ' ')).slice(0, 16).join('')
}
