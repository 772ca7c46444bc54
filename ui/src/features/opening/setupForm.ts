// What the first-start page asks, in order, and what stands in the way of sending it.
import { reactive } from 'vue'
import type { Failure, SetupRequest } from '@/bridge/generated/types'
import { leastLength } from '@/parts/strength'

/** Answers as typed; `again` is the passphrase a second time. */
export type SetupAnswers = SetupRequest & { again: string }

/** Fields in the order in which Enter goes through them. */
export const setupOrder = [
  'company',
  'member',
  'employee_number',
  'post',
  'department',
  'device_code',
  'passphrase',
  'again',
] as const

/** One of the fields. */
export type SetupField = (typeof setupOrder)[number]

/** Empty answers; the device code of a first desk is proposed. */
export const emptyAnswers = () =>
  reactive<SetupAnswers>({
    company: '',
    member: '',
    employee_number: '',
    post: '',
    department: '',
    device_code: 'A01',
    passphrase: '',
    again: '',
  })

/** Fields that need another look, each with the key of its sentence. */
export function wrongAnswers(answers: SetupAnswers): Partial<Record<SetupField, string>> {
  const wrong: Partial<Record<SetupField, string>> = {}
  if (!answers.company.trim()) wrong.company = 'opening.wrong.company'
  if (!answers.member.trim()) wrong.member = 'opening.wrong.member'
  if (!answers.device_code) wrong.device_code = 'opening.wrong.deviceCode'
  if ([...answers.passphrase].length < leastLength) wrong.passphrase = 'opening.wrong.passphrase'
  else if (answers.again !== answers.passphrase) wrong.again = 'opening.wrong.again'
  return wrong
}

/** The request, without the blanks that slip in at the ends of names. */
export function asRequest({ again: _, ...answers }: SetupAnswers): SetupRequest {
  const { passphrase, ...names } = answers
  const trimmed = Object.fromEntries(Object.entries(names).map(([key, value]) => [key, value.trim()]))
  return { ...(trimmed as typeof names), passphrase }
}

/** The field that a refusal is about, if it is about one. */
export const setupFieldOf = ({ code, fields }: Failure): string | undefined =>
  code === 'bad_device_code' ? 'device_code' : code === 'weak_passphrase' ? 'passphrase' : fields?.[0]?.field
