// Guards that every act has a name, and every reason against one a sentence.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Why } from '@/bridge/generated/types'
import { told } from '@/locales'
import { desk } from '@/parts/testing'
import types from '../bridge/generated/types.ts?raw'
import { actName, whyNot } from './acts'
import { sentence } from './failure'
import { useSession } from './session'

const domain = (file: string) =>
  readFileSync(join(import.meta.dirname, '../../../crates/domain/src', file), 'utf8')
const changes = domain('change.rs')
const table = domain('process/table.rs')
const codes = [
  ...(/export type Why = ([\s\S]*?);\n/.exec(types)?.[1] ?? '').matchAll(/"code": "(\w+)"/g),
].map((match) => match[1] ?? '')
const spelt = new Map(
  [...changes.matchAll(/pub const (\w+): &str = "(\w+)";/g)].map((match) => [match[1], match[2] ?? '']),
)
const acts = [...new Set([...table.matchAll(/act::([A-Z_]+),/g)].map((match) => spelt.get(match[1]) ?? ''))]

beforeEach(() => (useSession().desk = desk))

describe('the words of the process', () => {
  it('are there for every reason against an act', () => {
    expect(codes.length).toBeGreaterThanOrEqual(18)
    expect(codes).toContain('guard_missing')
    expect(codes.filter((code) => !told(`course.why.${code}`))).toEqual([])
    for (const code of codes) expect(whyNot({ code, fields: [] } as unknown as Why)).toMatch(/。$/)
  })

  it('are there for every act of the table, with what it does', () => {
    expect(acts.length).toBeGreaterThanOrEqual(35)
    expect(acts).not.toContain('')
    expect(acts.filter((act) => !told(`course.act.${act}`))).toEqual([])
    // These have a button of their own, with words of their own.
    const elsewhere = ['register', 'correct', 'void', 'print', 'undo']
    expect(acts.filter((act) => !elsewhere.includes(act) && !told(`course.about.${act}`))).toEqual([])
  })

  it('name missing fields as the sheet does, and what is unknown by its code', () => {
    const fields = ['outcome.result', 'outcome.told_means', 'x.new']
    expect(whyNot({ code: 'guard_missing', fields })).toBe('请先填写：最终结果、告知方式、x.new。')
    expect(whyNot({ code: 'from_a_newer_version' } as never)).toBe('现在不能这样做。')
    expect(actName('hologram')).toContain('hologram')
  })

  it('say why the desk refused an act', () => {
    const refusal = { code: 'denied', params: { why: 'guard_missing' } }
    expect(sentence({ ...refusal, fields: [{ field: 'outcome.result', problem: 'required' }] })).toBe(
      '请先填写：最终结果。',
    )
    expect(sentence({ code: 'denied', params: { why: 'not_assigned' } })).toBe('由别的经办人办理。')
  })
})
