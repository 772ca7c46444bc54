// A conflict in words: what the record and its field are called, how a value reads, and whether one can be written of both.
import type { CodeLists, Conflict, Field, KnowledgeEntry } from '@/bridge/generated/types'
import { told, t } from '@/locales'
import { asMarked } from '@/parts/marks'
import { isEmpty, valueText } from '@/parts/values'
import { roleName, roleNames } from '@/shell/roles'

/** What the record is called: its kind, and the number or name that it goes by. */
export function recordWords(kind: string, title: string): string {
  const named = told(`sync.kind.${kind}`) ? t(`sync.kind.${kind}`) : kind
  return title ? `${named} ${title}` : named
}

/** What the field is called; one that only a newer version knows is shown by its code. */
export function fieldWords(conflict: Conflict, field: Field | undefined): string {
  if (conflict.kind === 'form') return field?.label ?? conflict.field
  const key = `sync.field.${conflict.field}`
  return told(key) ? t(key) : conflict.field
}

/** A value for reading; empty where the field was emptied. */
export function valueWords(
  conflict: Conflict,
  value: unknown,
  field: Field | undefined,
  codes: CodeLists,
): string {
  if (isEmpty(value)) return ''
  const words = { yes: t('sheet.yes'), no: t('sheet.no') }
  if (conflict.kind === 'form' && field) return valueText(field, codes, value, words)
  // Who checks a channel goes by a role's code, or by a name.
  if (conflict.kind === 'channel' && conflict.field === 'who') return roleName(String(value))
  if (conflict.kind === 'knowledge') return answerWords(value as KnowledgeEntry)
  if (typeof value === 'boolean') return value ? words.yes : words.no
  const texts = Array.isArray(value) && value.every((one) => typeof one === 'string') ? value : undefined
  if (texts) return conflict.field === 'roles' ? roleNames(texts) : texts.join(t('errors.and'))
  return typeof value === 'object' ? JSON.stringify(value, null, 2) : String(value)
}

/** An entry of the knowledge base: what is asked, what to say, on what it rests. */
const answerWords = ({ title, answer, source }: KnowledgeEntry): string =>
  [title, answer, t('knowledge.source', { source })].join('\n')

const written = new Set(['text', 'long', 'marked'])
/** What stands for hidden characters: a text made of such values would lose what is behind them. */
const hidden = /\*{2,}/

/** Whether a text can be written of the values, and the text to begin with; none where it cannot. */
export function mergeDraft(conflict: Conflict, field: Field | undefined): string | undefined {
  if (conflict.kind !== 'form' || !field || !written.has(field.kind)) return undefined
  const texts = conflict.values.map(({ value }) => asMarked(value).text.trim())
  if (texts.some((text) => hidden.test(text))) return undefined
  const kept = [...new Set(texts)].filter((text) => text !== '')
  // Where one says all that the other says, nothing is said twice.
  const fuller = kept.filter((text) => !kept.some((other) => other !== text && other.includes(text)))
  return fuller.join(field.kind === 'text' ? t('sync.conflicts.joint') : '\n')
}

/** A written text as the field keeps it. Marks are set anew on the form itself: their places have moved. */
export const mergedValue = (field: Field, text: string): unknown =>
  field.kind === 'marked' ? { text: text.trim(), marks: [] } : text.trim()
