// Going from field to field in paper order, which is the order of the document: every focusable control of a field
// carries `data-field`, and a row of options counts as one stop.

/** The controls of all fields under `root` that can be filled in, in paper order. */
export function stops(root: ParentNode): HTMLElement[] {
  return [...root.querySelectorAll<HTMLElement>('[data-field]')].filter(
    (control) => !control.hasAttribute('disabled') && !control.closest('[inert]'),
  )
}

/** Puts the focus on the control of `key`; false if the sheet does not show it. */
export function focusField(root: ParentNode, key: string): boolean {
  const control = stops(root).find((stop) => stop.dataset.field === key)
  if (!control) return false
  control.focus()
  control.scrollIntoView?.({ block: 'nearest' })
  if (control instanceof HTMLInputElement) control.select()
  return true
}

/** Moves the focus `by` stops from `from`; false at either end. */
export function focusBy(root: ParentNode, from: Element, by: 1 | -1): boolean {
  const all = stops(root)
  const at = all.findIndex((stop) => stop === from || stop.contains(from))
  const next = at < 0 ? undefined : all[at + by]
  if (!next) return false
  next.focus()
  if (next instanceof HTMLInputElement) next.select()
  return true
}
