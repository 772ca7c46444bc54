// Guards the promise that every code and problem of the wire has a Chinese sentence of its own.
import { describe, expect, it } from 'vitest'
import wire from '@/bridge/generated/types.ts?raw'
import { problem, sentence, waitOf } from './failure'
import { useSession } from './session'

/** The members of a union of strings, as the wire declares it. */
function union(name: string): string[] {
  const body = new RegExp(`export type ${name} = ([^;]+);`).exec(wire)?.[1] ?? ''
  return [...body.matchAll(/"([a-z_]+)"/g)].map((match) => match[1] ?? '')
}

describe('every refusal has words', () => {
  const internal = sentence({ code: 'internal' })

  it('finds the codes', () => expect(union('Code').length).toBeGreaterThan(20))

  it.each(union('Code'))('%s', (code) => {
    const words = sentence({ code, params: { seconds: '30' } })
    expect(words).toMatch(/[一-龥]/)
    expect(words).toMatch(/。$/)
    expect(words).not.toMatch(/errors\.|[{}]/)
    if (code !== 'internal') expect(words).not.toBe(internal)
  })

  it.each(union('Problem'))('problem %s', (name) => {
    const words = problem({ problem: name as never })
    expect(words).toMatch(/[一-龥]/)
    expect(words).not.toMatch(/errors\.|[{}]/)
    expect(problem({ problem: name as never, detail: '4000' })).not.toMatch(/errors\.|[{}]/)
  })
})

describe('a sentence', () => {
  it('puts in what the desktop says', () => {
    expect(sentence({ code: 'too_soon', params: { seconds: '30' } })).toContain('30 秒')
    expect(sentence({ code: 'printer_unavailable', params: { detail: '缺纸' } })).toContain('缺纸')
    expect(problem({ problem: 'too_long', detail: '4000' })).toContain('4000')
    expect(problem({ problem: 'not_an_email' })).toContain('@')
  })

  it('names fields by their labels, and the log entry', () => {
    useSession().desk = {
      template: { blocks: [{ rows: [[{ key: 'customer.name', label: '客户名称' }]] }] },
    } as never
    const words = sentence({
      code: 'invalid_fields',
      fields: [{ field: 'customer.name', problem: 'required' }],
      detail_id: '7f3a',
    })
    expect(words).toContain('客户名称（此项必填）')
    expect(words).toContain('7f3a')
  })

  it.each([new Error('boom'), 'text', undefined, { code: 'from_a_newer_desktop' }])(
    'never shows %o',
    (thrown) => {
      expect(sentence(thrown)).toBe(sentence({ code: 'internal' }))
    },
  )

  it('tells the seconds to wait', () => {
    expect(waitOf({ code: 'too_soon', params: { seconds: '7' } })).toBe(7)
    expect(waitOf({ code: 'wrong_passphrase' })).toBe(0)
  })
})
