// What all pages of the field service share: the sheet's template with its words, who goes out, and how a refusal reads.
import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import { asFailure } from '@/bridge/call'
import { commands } from '@/bridge/generated/commands'
import type { Field, FieldDesk, VisitWarning } from '@/bridge/generated/types'
import { t } from '@/locales'
import { problem, sentence } from '@/shell/failure'
import { whyNot } from '@/shell/acts'

export const useFieldDesk = defineStore('field', () => {
  const desk = shallowRef<FieldDesk>()
  const fields = computed(
    () =>
      new Map(
        (desk.value?.template.blocks ?? [])
          .flatMap((block) => block.rows.flat())
          .flatMap((field): [string, Field][] => [
            [field.key, field],
            ...(field.columns ?? []).map((column): [string, Field] => [`${field.key}.${column.key}`, column]),
          ]),
      ),
  )
  const load = async () => void (desk.value = await commands.fieldDesk())
  const field = (key: string): Field | undefined => fields.value.get(key)
  /** The words of a code of a list. */
  const label = (list: string, code: string): string =>
    desk.value?.codes[list]?.items.find((item) => item.code === code)?.label ?? code

  /** A refusal in words, with the fields as this sheet names them. */
  function refusal(thrown: unknown): string {
    const failure = asFailure(thrown)
    const named = (key: string) => field(key)?.label ?? key
    const told = failure.fields ?? []
    if (failure.params?.['why'] === 'guard_missing' && told.length)
      return whyNot({ code: 'guard_missing', fields: told.map((one) => named(one.field)) })
    if (failure.code !== 'invalid_fields' || !told.length) return sentence(thrown)
    return told
      .map((one) => t('errors.field', { field: named(one.field), problem: problem(one) }))
      .join(t('errors.and'))
  }

  return { desk, load, field, label, refusal }
})

/** What speaks against a visit, in words. */
export function warned(warning: VisitWarning): string {
  // The day stands beside it already; device and serial tell which one.
  const named = warning.code === 'clash' ? { number: warning.number.split('-').slice(-2).join('-') } : warning
  return t(`field.warn.${warning.code}`, { ...named })
}
