// Known customers while a telephone or a name is being typed. Never takes the focus; an answer that comes late for
// what is typed by now is dropped.
import { computed, onScopeDispose, ref, shallowRef } from 'vue'
import type { CustomerHint, HintRequest } from '@/bridge/generated/types'
import { asFailure } from '@/bridge/call'

/** Rest after the last key before the desk is asked, in milliseconds. */
export const REST = 80

/** Fields that hints belong to, and what is asked for each; null while there is too little to go by. */
export function questionFor(key: string, typed: unknown): HintRequest | null {
  const text = typeof typed === 'string' ? typed.trim() : ''
  if (key === 'customer.phone' || key === 'customer.phone2') {
    const digits = text.normalize('NFKC').replace(/\D/g, '')
    return digits.length >= 4 ? { phone: text } : null
  }
  if (key === 'customer.name') return Array.from(text).length >= 2 ? { name: text } : null
  return null
}

/** `ask` is the desk. */
export function useHints(ask: (request: HintRequest) => Promise<CustomerHint[]>) {
  const hints = shallowRef<CustomerHint[]>([])
  /** Field under which they are shown; empty while they are not. */
  const field = ref('')
  /** The one that Enter chooses; -1 while none. */
  const active = ref(-1)
  const open = computed(() => field.value !== '' && hints.value.length > 0)
  let timer: ReturnType<typeof setTimeout> | undefined
  let turn = 0

  function close() {
    clearTimeout(timer)
    turn++
    field.value = ''
    hints.value = []
    active.value = -1
  }

  function typed(key: string, value: unknown) {
    const question = questionFor(key, value)
    if (!question) return close()
    clearTimeout(timer)
    const mine = ++turn
    timer = setTimeout(async () => {
      try {
        const found = await ask(question)
        if (mine !== turn) return
        hints.value = found
        field.value = key
        active.value = -1
      } catch (thrown) {
        // Hints are a convenience: only a locked desk is everyone's business, and the session hears of that itself.
        if (mine === turn && asFailure(thrown).code !== 'locked') close()
      }
    }, REST)
  }

  function move(by: number) {
    const count = hints.value.length
    active.value =
      active.value < 0 && by < 0 ? count - 1 : Math.min(count - 1, Math.max(-1, active.value + by))
  }

  onScopeDispose(() => clearTimeout(timer))
  return { hints, field, active, open, typed, move, close }
}

/**
 * 第几次反映 to suggest after choosing a known customer: one more than the forms there are about the same product. The
 * hint carries his latest forms only; where there are more, nothing is suggested rather than a wrong count.
 */
export function occurrenceFor(hint: CustomerHint, product: unknown): number | null {
  if (typeof product !== 'string' || product.trim() === '') return null
  if (hint.count > hint.forms.length) return null
  const earlier = hint.forms.filter((form) => form.product === product && form.state !== 'voided').length
  return earlier > 0 ? earlier + 1 : null
}
