// Finds what was looked for inside what is shown, so that the eye lands on it.

/** A stretch of text, hit or not. */
export interface Piece {
  text: string
  hit: boolean
}

const folded = (character: string) => character.normalize('NFKC').toLowerCase()
const separator = /[\s\-–—()（）+.]/

/** A text folded character by character, with the place each folded unit came from. */
function fold(characters: string[], skip?: RegExp): { text: string; from: number[] } {
  let text = ''
  const from: number[] = []
  characters.forEach((character, at) => {
    if (skip?.test(character)) return
    const plain = folded(character)
    text += plain
    for (let unit = 0; unit < plain.length; unit++) from.push(at)
  })
  return { text, from }
}

/** Splits `text` into pieces; words of `query` are hits, digits also across the blanks and dashes of a number. */
export function pieces(text: string, query: string): Piece[] {
  const characters = [...text]
  const hit = new Array<boolean>(characters.length).fill(false)
  const mark = (word: string, skip?: RegExp) => {
    const { text: plain, from } = fold(characters, skip)
    for (let at = plain.indexOf(word); word && at >= 0; at = plain.indexOf(word, at + 1)) {
      const last = from[at + word.length - 1] ?? at
      for (let place = from[at] ?? 0; place <= last; place++) hit[place] = true
    }
  }
  for (const word of query.trim().split(/\s+/)) mark(fold([...word]).text)
  const digits = fold([...query], separator).text
  if (/^\d{3,}$/.test(digits)) mark(digits, separator)

  const out: Piece[] = []
  characters.forEach((character, at) => {
    const last = out.at(-1)
    if (last && last.hit === hit[at]) last.text += character
    else out.push({ text: character, hit: hit[at] ?? false })
  })
  return out
}
