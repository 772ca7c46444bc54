// Advice on a passphrase while it is typed. The only hard rule is its length; the desktop enforces that.

/** How good a passphrase looks. */
export type Strength = 'empty' | 'short' | 'guessable' | 'fair' | 'good'

/** Least length, in characters. */
export const leastLength = 8

const runs = 'abcdefghijklmnopqrstuvwxyz 01234567890 qwertyuiop asdfghjkl zxcvbnm 1qaz2wsx3edc'
const favourites = [
  'password',
  'passw0rd',
  'admin',
  'kefu',
  'qwerty',
  'woaini',
  'iloveyou',
  '5201314',
  '88888888',
]

/** Rates a passphrase by its length, the kinds of characters in it, and habits that everybody has. */
export function strengthOf(passphrase: string): Strength {
  const characters = [...passphrase]
  if (characters.length === 0) return 'empty'
  if (characters.length < leastLength) return 'short'
  const plain = passphrase.toLowerCase()
  const distinct = new Set(characters).size
  const inRun =
    characters.length >= 4 && (runs.includes(plain) || runs.includes([...plain].reverse().join('')))
  const dateLike = /^(19|20)?\d{6,8}$/.test(plain) || /^1[3-9]\d{9}$/.test(plain)
  if (distinct <= 3 || inRun || dateLike || favourites.some((word) => plain.replace(word, '').length < 5)) {
    return 'guessable'
  }
  const kinds = [/[a-z]/, /[A-Z]/, /\d/, /[^a-zA-Z\d]/].filter((kind) => kind.test(passphrase)).length
  // A Chinese character is picked from far more than a letter is.
  const weight = characters.length + characters.filter((one) => /\p{Script=Han}/u.test(one)).length / 2
  if (weight >= 14 || (characters.length >= 10 && kinds >= 3)) return 'good'
  return 'fair'
}
