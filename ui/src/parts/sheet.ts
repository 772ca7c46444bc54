// How the template's grid is laid out on screen, and what every cell of a sheet knows of its sheet.
import { computed, inject, provide, type ComputedRef, type InjectionKey } from 'vue'
import type { Author, Block, CodeItem, CodeLists, Field } from '@/bridge/generated/types'

const CODES: InjectionKey<ComputedRef<CodeLists>> = Symbol('codes')

/** Makes the code lists known to every cell below. */
export function provideCodes(codes: () => CodeLists): void {
  provide(CODES, computed(codes))
}

/** The code lists of the sheet this cell stands in. */
export function useCodes(): ComputedRef<CodeLists> {
  return inject(CODES, () => computed(() => ({})), true)
}

/** A field and the grid column where it begins. */
export interface Placed {
  field: Field
  column: number
}

/** The fields of a row with their columns. */
export function placed(row: Field[]): Placed[] {
  let column = 0
  return row.map((field) => {
    const at = { field, column }
    column += field.w
    return at
  })
}

/**
 * Columns that the label takes on screen. A tick box needs two columns whatever its field is given on paper, so its
 * label may have the rest and stays on one line.
 */
export function labelColumns(field: Field): number {
  return field.kind === 'flag' ? Math.max(field.lw, field.w - 2) : field.lw
}

/** Width in pixels of a grid column on the narrowest sheet that must still read well. */
const COLUMN = 36

/** Whether the options would need a second line, so that at rest only the choice is shown and the rest on focus. */
export function crowded(field: Field, items: CodeItem[], columns: number): boolean {
  if (field.w >= columns) return false
  const width = items.reduce((sum, item) => sum + item.label.length * 13 + 26, 0)
  return width > (field.w - labelColumns(field)) * COLUMN
}

/** Whether a block is filled in by `authors`; blocks that are not can be folded away. */
export function blockBelongsTo(block: Block, authors: Author[]): boolean {
  return block.rows.some((row) => row.some((field) => authors.includes(field.by)))
}
