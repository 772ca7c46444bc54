import { describe, expect, it } from 'vitest'
import { asMarked, scalarIndex, shiftMarks, stretches, tidy, toggleMark, type Mark } from './marks'

/** Writes a text with its marks in brackets, so that an expectation can be read. */
function drawn(text: string, marks: Mark[]): string {
  return stretches({ text, marks })
    .map((part) => (part.marked ? `[${part.text}]` : part.text))
    .join('')
}

/** `before` has its marks in brackets; `after` is the edited text with `|` where the caret stands. */
function check(before: string, after: string, expected: string) {
  const plain = before.replace(/[[\]]/g, '')
  const marks = [...before.matchAll(/\[(.*?)\]/g)].map((hit): Mark => {
    const start = Array.from(before.slice(0, hit.index).replace(/[[\]]/g, '')).length
    return [start, start + Array.from(hit[1] ?? '').length]
  })
  expect(drawn(plain, marks)).toBe(before)
  const text = after.replace('|', '')
  expect(drawn(text, shiftMarks(plain, text, marks, after.indexOf('|')))).toBe(expected)
}

describe('marks when the text is edited', () => {
  it('move when text comes before them, counted in characters and not in UTF-16 units', () => {
    check('火焰[突然熄灭]了', '😡𠮷|火焰突然熄灭了', '😡𠮷火焰[突然熄灭]了')
    check('😡😡火焰[突然]', '😡|火焰突然', '😡火焰[突然]')
  })
  it('stay when text comes after them', () => check('[E1]故障', 'E1故障😡|', '[E1]故障😡'))
  it('grow with what is typed inside them', () => check('[突熄灭]', '突然😡|熄灭', '[突然😡熄灭]'))
  it('do not take in what is typed at their borders', () => {
    check('家[停电]了', '家里|停电了', '家里[停电]了')
    check('家[停电]了', '家停电三天|了', '家[停电]三天了')
  })
  it('know by the caret which of two equal characters is new', () => {
    check('[好]的', '好|好的', '好[好]的')
    check('[好]的', '好好|的', '[好]好的')
  })
  it('shrink with what is deleted, and go with their text', () => {
    check('家里[停电三天]了', '家里|三天了', '家里[三天]了')
    check('家里[停电三天]了', '家|天了', '家[天]了')
    check('家里[停电]了', '家里|了', '家里了')
  })
  it('hold through a replacement within them', () => check('[停电三天]', '停电五|天', '[停电五天]'))
  it('survive a change of which the caret tells nothing', () => {
    const marks: Mark[] = [[2, 4]]
    expect(shiftMarks('家里停电', '我家里停电', marks, 5)).toEqual([[3, 5]])
  })
})

describe('toggling a mark', () => {
  it('marks, joins neighbours, and takes off what is wholly marked', () => {
    expect(toggleMark([], 2, 4)).toEqual([[2, 4]])
    expect(toggleMark([[2, 4]], 3, 6)).toEqual([[2, 6]])
    expect(toggleMark([[2, 4]], 4, 6)).toEqual([[2, 6]])
    expect(toggleMark([[2, 8]], 4, 6)).toEqual([
      [2, 4],
      [6, 8],
    ])
    expect(toggleMark([[2, 4]], 2, 4)).toEqual([])
  })
  it('unmarks the statement the caret stands in', () => {
    expect(toggleMark([[2, 4]], 3, 3)).toEqual([])
    expect(toggleMark([[2, 4]], 5, 5)).toEqual([[2, 4]])
  })
})

it('counts in scalar values', () => {
  expect(scalarIndex('😡𠮷a', 2)).toBe(1)
  expect(scalarIndex('😡𠮷a', 4)).toBe(2)
})

it('reads whatever a record holds', () => {
  expect(asMarked('旧文本')).toEqual({ text: '旧文本', marks: [] })
  expect(asMarked({ text: '停电', marks: [[0, 9], 'x', [1]] })).toEqual({ text: '停电', marks: [[0, 2]] })
  expect(asMarked(null)).toEqual({ text: '', marks: [] })
  expect(
    tidy(
      [
        [5, 3],
        [0, 1],
        [1, 2],
      ],
      4,
    ),
  ).toEqual([[0, 2]])
})
