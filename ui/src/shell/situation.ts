// What is being done right now, as far as the words to say (话术) depend on it: the page tells, the panel beside it asks.
import { defineStore } from 'pinia'
import { onScopeDispose, ref, shallowRef, watch } from 'vue'
import type { Values } from '@/parts/values'

/** What is being done, and the form as far as it is filled in. */
export interface Situation {
  /** An act of the process, or `intake`; empty where nothing in particular is being done. */
  act: string
  values: Values
}

const nothing: Situation = { act: '', values: {} }

export const useSituation = defineStore('situation', () => {
  const now = shallowRef<Situation>(nothing)
  /** The panel is on screen. */
  const open = ref(false)
  /** What of it is looked at: words to say, or what is known. */
  const tab = ref<'words' | 'known'>('words')
  const toggle = () => void (open.value = !open.value)
  return { now, open, tab, toggle }
})

/** Tells what is being done for as long as the calling page lives. */
export function tellSituation(situation: () => Situation): void {
  const store = useSituation()
  let told = nothing
  watch(situation, (next) => (store.now = told = next), { immediate: true })
  // The page that comes next may have told already.
  onScopeDispose(() => {
    if (store.now === told) store.now = nothing
  })
}
