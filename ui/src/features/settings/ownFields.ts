// The company's own fields (自定义栏目): what may be entered, and where a new one will stand.
import type { CustomField, FieldKind, Template } from '@/bridge/generated/types'

/** Kinds that a company may add. */
export const ownKinds = ['text', 'long', 'date', 'integer', 'flag', 'choice'] as const satisfies FieldKind[]

/** Blocks that take own fields: all but the signatures, which hold nothing. */
export const openBlocks = (template: Template) =>
  template.blocks.filter((block) => block.rows.flat().some((field) => field.kind !== 'signature'))

/** A field that is not there yet. */
export const newField = (block: string): CustomField => ({
  key: '',
  label: '',
  kind: 'text',
  block,
  options: [],
  required: false,
  retired: false,
})

/** Options as typed, one a line; blanks and repetitions fall away. */
export const optionsOf = (typed: string): string[] => [
  ...new Set(
    typed
      .split('\n')
      .map((line) => line.trim())
      .filter(Boolean),
  ),
]

/** Keys of the sentences for what is wrong with a field, by part. */
export function wrongParts(field: CustomField, others: CustomField[]): { label?: string; options?: string } {
  const label = field.label.trim()
  const taken = others.some(
    (other) => other.key !== field.key && other.label === label && other.block === field.block,
  )
  return {
    ...(!label && { label: 'settings.fields.wrongLabel' }),
    ...(taken && { label: 'settings.fields.sameLabel' }),
    ...(field.kind === 'choice' && field.options.length < 2 && { options: 'settings.fields.wrongOptions' }),
  }
}

/** A line of the preview. */
export interface PreviewLine {
  key: string
  label: string
  /** The field being edited. */
  edited: boolean
  own: boolean
}

/** The block's labels in the order of the sheet, with the edited field at its place. */
export function previewOf(template: Template, own: CustomField[], edited: CustomField): PreviewLine[] {
  const block = template.blocks.find((one) => one.key === edited.block)
  const shipped = (block?.rows.flat() ?? []).filter((field) => !field.key.startsWith('x.'))
  const present = own.filter(
    (field) => field.block === edited.block && !field.retired && field.key !== edited.key,
  )
  const at = own.findIndex((field) => field.key === edited.key && field.block === edited.block)
  const before = at < 0 ? present.length : own.slice(0, at).filter((field) => present.includes(field)).length
  const line = ({ key, label }: { key: string; label: string }, mine: boolean): PreviewLine => ({
    key,
    label,
    own: mine,
    edited: false,
  })
  const lines = present.map((field) => line(field, true))
  lines.splice(before, 0, { key: edited.key || 'new', label: edited.label, own: true, edited: true })
  return [...shipped.map((field) => line(field, false)), ...lines]
}

/** Words of a block's key. */
export const blockLabel = (template: Template | undefined, key: string): string =>
  template?.blocks.find((block) => block.key === key)?.label ?? key
