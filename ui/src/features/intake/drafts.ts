// The drafts at this desk, newest first.
import { defineStore } from 'pinia'
import { ref, watch } from 'vue'
import { commands } from '@/bridge/generated/commands'
import type { Draft } from '@/bridge/generated/types'
import { asMarked } from '@/parts/marks'
import { useSession } from '@/shell/session'

export const useDrafts = defineStore('drafts', () => {
  const session = useSession()
  const all = ref<Draft[]>([])
  let loading: Promise<void> | undefined

  /** Reads them from the store. */
  function load(): Promise<void> {
    loading ??= (async () => {
      try {
        const answer = await commands.drafts()
        if (!locked()) all.value = answer
      } finally {
        loading = undefined
      }
    })()
    return loading
  }

  const find = (id: string) => all.value.find((draft) => draft.id === id)

  /** A draft was saved: its place in the list stays, so that the row under the mouse does not jump. */
  function put(draft: Draft) {
    if (locked()) return
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

  // A locked desk shows no draft, and keeps none in this list: what is on disk is read anew by whoever opens it.
  const locked = () => session.stage === 'locked'
  watch(locked, (now) => {
    if (now) all.value = []
  })

  return { all, load, find, put, forget, discard, isGone }
})

/** What a draft is called: the customer, the first words of what he said, or the end of its number on paper; empty if there is none. */
export function titleOf(values: Record<string, unknown>): string {
  const name = values['customer.name'] ?? values['customer.phone']
  if (typeof name === 'string' && name.trim()) return name.trim()
  const said = Array.from(asMarked(values['description']).text.trim().replace(/\s+/g, ' '))
    .slice(0, 16)
    .join('')
  return (
    said ||
    String(values['number'] ?? '')
      .split('-')
      .slice(2)
      .join('-')
  )
}
