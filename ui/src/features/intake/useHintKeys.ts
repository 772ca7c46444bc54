// Joins the hints to the field they belong to as the list of a combobox: the focus stays in the field, ↓ goes into
// the list, Enter chooses, Escape closes.
import { computed } from 'vue'
import type { CustomerHint } from '@/bridge/generated/types'
import { unlessComposing } from '@/parts/composing'
import type { useHints } from './useHints'

/** Fields with hints. */
const FIELDS = ['customer.name', 'customer.phone', 'customer.phone2']

export function useHintKeys(hints: ReturnType<typeof useHints>, choose: (hint: CustomerHint) => void) {
  /** Attributes of the fields' controls. */
  const attributes = computed(() =>
    Object.fromEntries(
      FIELDS.map((key) => {
        const here = hints.open.value && hints.field.value === key
        return [
          key,
          {
            role: 'combobox',
            'aria-autocomplete': 'list',
            'aria-haspopup': 'listbox',
            'aria-expanded': here ? 'true' : 'false',
            'aria-controls': here ? 'hints' : undefined,
            'aria-activedescendant':
              here && hints.active.value >= 0 ? `hints-${hints.active.value}` : undefined,
          },
        ]
      }),
    ),
  )

  const onKey = unlessComposing((event) => {
    if (!hints.open.value || (event.target as HTMLElement).dataset.field !== hints.field.value) return
    const hint = hints.hints.value[hints.active.value]
    if (event.key === 'ArrowDown') hints.move(1)
    else if (event.key === 'ArrowUp') hints.move(-1)
    else if (event.key === 'Escape') hints.close()
    else if (event.key === 'Enter' && hint) choose(hint)
    else return
    event.preventDefault()
    event.stopPropagation()
    requestAnimationFrame(() =>
      document.getElementById(`hints-${hints.active.value}`)?.scrollIntoView?.({ block: 'nearest' }),
    )
  })

  return { attributes, onKey }
}
