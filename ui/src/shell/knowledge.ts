// The knowledge base (知识库) as far as pages share it: who keeps it, and an answer that one page hands to the editor of
// another. What is handed over is taken once and lies nowhere else.
import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import type { KnowledgeEntry } from '@/bridge/generated/types'
import { useSession } from './session'

/** A question that was answered. */
export type Answered = Pick<KnowledgeEntry, 'title' | 'answer' | 'source'>

export const useKnowledge = defineStore('knowledge', () => {
  const session = useSession()
  const handed = shallowRef<Answered>()
  /** Whether who sits here keeps the knowledge base. */
  const may = computed(() => ['records', 'supervisor', 'admin'].some(session.has))

  const hand = (answered: Answered) => void (handed.value = answered)
  function take(): Answered | undefined {
    const taken = handed.value
    handed.value = undefined
    return taken
  }
  return { may, hand, take }
})
