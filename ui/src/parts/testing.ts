// What tests of sheets share: the shipped template and code lists, as the desk would send them.
import type { CodeLists, DeskInfo, Field, Template } from '@/bridge/generated/types'
import shippedCodes from '../../../crates/domain/templates/codes.json'
import shipped from '../../../crates/domain/templates/registration.json'

/** Fields of the file leave out what is usual; the desk fills that in. */
function whole(field: object): Field {
  const { columns } = field as { columns?: object[] }
  const usual = { lw: 3, by: 'intake', required: false, boxes: false, rows: 1 }
  return { ...usual, ...field, columns: (columns ?? []).map(whole) } as Field
}

export const codes = shippedCodes as CodeLists

export const template: Template = {
  ...shipped,
  blocks: shipped.blocks.map((block) => ({ ...block, rows: block.rows.map((row) => row.map(whole)) })),
}

export const desk: DeskInfo = {
  company: '杭州云栖电器服务有限公司',
  seat: '11111111-1111-7111-8111-111111111111',
  roles: ['reception', 'admin'],
  member: '周敏',
  employee_number: '0317',
  post: '接待',
  department: '客服一部',
  device_code: 'A03',
  template,
  codes,
  recovery_confirmed: true,
}

export const fieldOf = (key: string): Field => {
  const found = template.blocks.flatMap((block) => block.rows.flat()).find((field) => field.key === key)
  if (!found) throw new Error(key)
  return found
}

/** A key press as the webview sends it; returns whether something took it. */
export function press(
  target: Element,
  key: string,
  more: KeyboardEventInit & { keyCode?: number } = {},
): boolean {
  const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more })
  if (more.keyCode !== undefined) Object.defineProperty(event, 'keyCode', { value: more.keyCode })
  target.dispatchEvent(event)
  return event.defaultPrevented
}

/** Puts `text` into a control as typing would, the caret behind what was entered. */
export function type(target: Element, text: string, caret = text.length): void {
  const control = target as HTMLInputElement | HTMLTextAreaElement
  control.value = text
  control.setSelectionRange(caret, caret)
  control.dispatchEvent(new Event('input', { bubbles: true }))
}
