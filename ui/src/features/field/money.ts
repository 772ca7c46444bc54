// Yuan as typed and fen as kept, without ever passing through a fraction.

/** Fen of an amount in yuan: `12`, `12.5`, `12.50`, full-width digits as well; undefined where it is none. */
export function fen(typed: string): number | undefined {
  const plain = typed.trim().replace(/[０-９．]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0xfee0))
  const parts = /^(\d{1,9})(?:\.(\d{1,2}))?$/.exec(plain)
  return parts ? Number(parts[1]) * 100 + Number((parts[2] ?? '').padEnd(2, '0')) : undefined
}

/** A whole number as typed; undefined where it is none. */
export function whole(typed: string): number | undefined {
  const plain = typed.trim().replace(/[０-９]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0xfee0))
  return /^\d{1,9}$/.test(plain) ? Number(plain) : undefined
}
