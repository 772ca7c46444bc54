// 保修状态, computed while the product is typed; what the person chose himself is never written over.
import { onScopeDispose } from 'vue'
import type { Warranty, WarrantyRequest } from '@/bridge/generated/types'
import { REST } from './useSimilar'

const TELLING = /^product\.(serial|name|model|purchased_on|installed_on)$/

export function useWarranty(
  ask: (request: WarrantyRequest) => Promise<Warranty>,
  filled: (code: string, until?: string) => void,
) {
  let timer: ReturnType<typeof setTimeout> | undefined
  let turn = 0
  let last: string | undefined

  function typed(key: string, values: Record<string, unknown>) {
    if (!TELLING.test(key)) return
    clearTimeout(timer)
    const now = ++turn
    timer = setTimeout(async () => {
      const answer = await ask({ values: { ...values } }).catch(() => undefined)
      // 待核实 is what an empty field says already.
      if (!answer || now !== turn || (answer.code === 'unknown' && last === undefined)) return
      filled(answer.code, answer.until)
      last = answer.code
    }, REST)
  }

  /** Whether what stands in the field was computed, not chosen. */
  const mine = (values: Record<string, unknown>) => last !== undefined && values['product.warranty'] === last

  onScopeDispose(() => clearTimeout(timer))
  return { typed, mine }
}
