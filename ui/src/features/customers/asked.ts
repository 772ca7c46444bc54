// What a person is about to do with a customer.
import type { ProductView } from '@/bridge/generated/types'

export type Asked =
  | { kind: 'edit'; values: Record<string, unknown> }
  | { kind: 'merge' | 'unmerge'; id: string; name: string }
  | { kind: 'product'; product: ProductView }
  | { kind: 'hand_out' }
  | { kind: 'erase'; open: string[]; kept: [string, string][] }
