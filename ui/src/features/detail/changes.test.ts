import { describe, expect, it } from 'vitest'
import { codes, fieldOf, template } from '@/parts/testing'
import { changesBetween, linesToAdd, lineText, listOf, sides } from './changes'

const words = { yes: '是', no: '否' }
const keys = template.blocks.flatMap((block) => block.rows.flat().map((field) => field.key))
const read = (key: string, from: unknown, to: unknown) =>
  sides(fieldOf(key), codes, { field: key, from, to }, words)

describe('what a correction changes', () => {
  it('is what differs, in the order of the paper, an emptied field as null', () => {
    const before = { mood: 'calm', 'customer.name': '陈秀英', 'customer.wechat': 'cxy', demands: ['refund'] }
    const after = { ...before, mood: 'agitated', 'customer.name': '陈秀瑛', 'customer.wechat': null }
    expect(changesBetween(before, after, keys)).toEqual([
      { field: 'customer.name', from: '陈秀英', to: '陈秀瑛' },
      { field: 'customer.wechat', from: 'cxy', to: null },
      { field: 'mood', from: 'calm', to: 'agitated' },
    ])
  })
  it('is nothing where only the order of members differs, or nothing became nothing', () => {
    const before = { consents: { visit: '1', photo: '2' }, mood: null }
    expect(changesBetween(before, { consents: { photo: '2', visit: '1' }, mood: '' }, keys)).toEqual([])
  })
  it('names a decided conflict even where the value stays', () => {
    const values = { 'customer.phone': '110' }
    expect(changesBetween(values, values, keys, ['customer.phone'])).toEqual([
      { field: 'customer.phone', from: '110', to: '110' },
    ])
  })
  it('leaves out lines in which nothing was entered', () => {
    expect(linesToAdd({ process: [{}, { who: '孙立', note: '' }], chases: [{ whom: null }] })).toEqual({
      process: [{ who: '孙立' }],
    })
  })
})

describe('a change in words', () => {
  it('has labels of options, yes and no, moments and money', () => {
    expect(read('mood', 'calm', 'agitated')).toMatchObject({ from: '平稳', to: '激动' })
    expect(read('demands', null, ['refund', 'apology'])).toMatchObject({ from: '', to: '退款、道歉' })
    expect(read('informed', null, true)).toMatchObject({ from: '', to: '是' })
    expect(read('handling.cost', 0, 12050)).toMatchObject({ from: '0.00', to: '120.50' })
    expect(read('mood', 'furious', null)).toMatchObject({ from: 'furious', to: '' })
  })
  it('compares the marked statements where only the marks differ', () => {
    const text = '😡断电三天'
    const change = read('description', { text, marks: [] }, { text, marks: [[1, 3]] })
    expect(change).toEqual({ from: '', to: '断电', marksOnly: true })
  })
  it('shows a field of a newer version as it is', () => {
    expect(sides(undefined, codes, { field: 'x', from: '甲', to: { a: 1 } }, words)).toEqual({
      from: '甲',
      to: '{"a":1}',
      marksOnly: false,
    })
  })
})

describe('a line in words', () => {
  const lists = template.blocks
    .flatMap((block) => block.rows.flat())
    .filter((field) => field.kind === 'lines')
  it('has its columns in order', () => {
    const values = { content: '换主板', type: 'corrective', due: '2026-11-05' }
    expect(lineText(fieldOf('measures'), codes, values, words)).toBe('纠正 · 换主板 · 2026-11-05')
  })
  it('is told by its columns when its list is not named', () => {
    expect(listOf(lists, { id: '1', values: { whom: '维修一部', answer: '已派' } })?.key).toBe('chases')
    const file = { name: '照片.png', size: 482133, mime: 'image/png', sha256: 'ab', added_at: '' }
    expect(lineText(listOf(lists, { id: '1', values: file }), codes, file, words)).toBe('照片.png · 471 KB')
  })
})
