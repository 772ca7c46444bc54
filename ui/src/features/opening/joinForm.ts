// What the page for joining a shared desk asks, in order, and what stands in the way of sending it.
import { reactive } from 'vue'
import type { JoinRequest } from '@/bridge/generated/types'
import { leastLength } from '@/parts/strength'

/** Answers as typed; `again` is the passphrase a second time. */
export type JoinAnswers = JoinRequest & { again: string }

/** Fields in the order in which Enter goes through them. */
export const joinOrder = ['invite', 'device_code', 'passphrase', 'again'] as const

/** One of the fields. */
export type JoinField = (typeof joinOrder)[number]

/** Empty answers. No device code is proposed: each machine has its own, which only people know. */
export const emptyJoin = () =>
  reactive<JoinAnswers>({ invite: '', device_code: '', passphrase: '', again: '' })

/** Fields that need another look, each with the key of its sentence. */
export function wrongJoin(answers: JoinAnswers): Partial<Record<JoinField, string>> {
  const wrong: Partial<Record<JoinField, string>> = {}
  if (!answers.invite.trim()) wrong.invite = 'shared.wrong.invite'
  if (!answers.device_code) wrong.device_code = 'opening.wrong.deviceCode'
  if ([...answers.passphrase].length < leastLength) wrong.passphrase = 'opening.wrong.passphrase'
  else if (answers.again !== answers.passphrase) wrong.again = 'opening.wrong.again'
  return wrong
}

/** The field that a refusal is about, if it is about one. */
export const joinFieldOf = (code: string): JoinField | undefined =>
  (
    ({
      invite_unreadable: 'invite',
      invite_over: 'invite',
      bad_device_code: 'device_code',
      device_code_taken: 'device_code',
      weak_passphrase: 'passphrase',
    }) as Partial<Record<string, JoinField>>
  )[code]
