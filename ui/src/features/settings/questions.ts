// The questionnaire of return visits while it is edited: options as lines of text, and what stands in the way of saving.
import type { Question, QuestionKind, Questionnaire } from '@/bridge/generated/types'

export const kinds = ['score', 'choice', 'nps', 'text'] as const satisfies QuestionKind[]

/** Keys from whose answers something follows: these questions stay, and so do the options read from them. */
export const needed: Record<string, string[]> = {
  solved: ['no'],
  overall: ['dissatisfied', 'very_dissatisfied'],
  suggestion: [],
}

/** A code that no version ever had: answers are kept under it. */
const fresh = (head: string, n = 0) => `${head}_${Date.now().toString(36)}${n || ''}`

/** A question that is not there yet. */
export const newQuestion = (): Question => ({
  key: fresh('own'),
  label: '',
  kind: 'score',
  ask: '',
  required: false,
})

/** Labels of the options, one a line. */
export const optionLines = (question: Question) =>
  (question.options ?? []).map((option) => option.label).join('\n')

/** The options of these lines. One that stays, by its label or at its place, keeps its code: answers are kept under it. */
export function optionsOf(question: Question, typed: string): Question['options'] {
  const before = question.options ?? []
  const labels = typed
    .split('\n')
    .map((label) => label.trim())
    .filter(Boolean)
  const byLabel = new Map(before.map((option) => [option.label, option]))
  const unclaimed = before.filter((option) => !labels.includes(option.label))
  return labels.map((label, at) => {
    const same = byLabel.get(label)
    if (same) return same
    // Renamed rather than replaced: only as long as the number of lines is the same.
    const renamed = labels.length === before.length ? unclaimed.shift() : undefined
    if (renamed) return { ...renamed, label }
    return { code: fresh('o', at + 1), label, initials: '' }
  })
}

/** What stands in the way of saving, by place (`questions[2].label`), each with the key of its sentence. */
export function wrongIn(set: Questionnaire): Record<string, string> {
  const wrong: Record<string, string> = {}
  if (!set.title.trim()) wrong.title = 'rules.fault.empty'
  set.questions.forEach((question, at) => {
    if (!question.label.trim()) wrong[`questions[${at}].label`] = 'rules.fault.empty'
    const options = question.options ?? []
    if (question.kind === 'choice' && options.length < 2)
      wrong[`questions[${at}].options`] = 'questions.fault.options'
    const lost = (needed[question.key] ?? []).filter(
      (code) => !options.some((option) => option.code === code),
    )
    if (lost.length) wrong[`questions[${at}].options`] = 'questions.fault.lost'
  })
  return wrong
}
