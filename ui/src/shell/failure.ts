// Turns a refusal of the desktop into a sentence: what happened, what was kept, what to do next.
import { asFailure } from '@/bridge/call'
import type { Failure, FieldError, Why } from '@/bridge/generated/types'
import { t, told } from '@/locales'
import { whyNot } from './acts'
import { useSession } from './session'

/** The sentence for whatever was thrown; a code of a newer desktop gets the sentence of `internal`. */
export function sentence(thrown: unknown): string {
  const failure = asFailure(thrown)
  const why = failure.params?.why
  // The table of acts says by itself why not; the sentence is the one that stands beside the act on the panel.
  if (why) return whyNot({ code: why, fields: (failure.fields ?? []).map((e) => e.field) } as Why)
  const key = `errors.code.${failure.code}`
  const known = told(key) ? key : 'errors.code.internal'
  const named = { seconds: '', place: '', detail: '', ...failure.params }
  const main = t(told(`${known}_detail`) && named.detail ? `${known}_detail` : known, named)
  const fields = (failure.fields ?? []).map(fieldSentence)
  const trace = failure.detail_id ? [t('errors.trace', { id: failure.detail_id })] : []
  return [
    main,
    ...(fields.length ? [t('errors.fields', { fields: fields.join(t('errors.and')) })] : []),
    ...trace,
  ].join('')
}

function fieldSentence(error: FieldError): string {
  const field = useSession().fieldOf(error.field)?.label ?? error.field
  return t('errors.field', { field, problem: problem(error) })
}

/** What is wrong with one field, to stand beside it. */
export function problem(error: Pick<FieldError, 'problem' | 'detail'>): string {
  const key = `errors.problem.${error.problem}`
  const known = told(key) ? key : 'errors.problem.wrong_kind'
  return error.detail && told(`${known}_detail`) ? t(`${known}_detail`, { detail: error.detail }) : t(known)
}

/** Seconds to wait that a failure names, or none. */
export function waitOf(failure: Failure): number {
  const seconds = Number(failure.params?.seconds)
  return Number.isFinite(seconds) && seconds > 0 ? Math.ceil(seconds) : 0
}
