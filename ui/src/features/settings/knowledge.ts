// The knowledge base while it is edited: a new entry, and words as they are typed.
import type { KnowledgeEntry } from '@/bridge/generated/types'

/** Id of an entry that is not there yet. */
const NOBODY = '00000000-0000-0000-0000-000000000000'

/** An entry that is not there yet, with what is known of it; the desk gives it its id, and who verified it. */
export const newEntry = (known: Partial<KnowledgeEntry> = {}): KnowledgeEntry => ({
  id: NOBODY,
  version: 0,
  title: '',
  answer: '',
  kind: '',
  category: '',
  products: [],
  source: '',
  verified_by: '',
  verified_on: null,
  valid_until: null,
  retired: false,
  ...known,
})

/** Words as people separate them. */
export const wordsOf = (typed: string): string[] => typed.split(/[\s、，,；;]+/).filter(Boolean)

/** Today on this machine, as a date field has it. */
export function today(now = new Date()): string {
  const two = (n: number) => String(n).padStart(2, '0')
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`
}
