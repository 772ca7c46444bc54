// How a visit is put into words, in the list and on its page.
import type { Question, VisitRow } from '@/bridge/generated/types'
import { t } from '@/locales'
import { showBriefly } from '@/parts/moment'

/** When a visit is to be made. */
export function when(row: VisitRow, now: Date): string {
  if (row.agreed_at) return t('visits.agreedAt', { at: showBriefly(row.agreed_at, now) })
  if (row.due) return row.due
  return row.missing_year ? t('visits.noYear', { year: row.missing_year }) : ''
}

/** An answer as people read it. */
export function answerText(question: Question | undefined, value: unknown): string {
  if (value === null || value === undefined || value === '') return '—'
  return question?.options?.find((option) => option.code === value)?.label ?? String(value)
}

/** Whether name and number of a row are masked. */
export const isMasked = (row: VisitRow): boolean => row.phone.includes('*')
