// Guards the advice on passphrases against praising what everybody guesses first.
import { expect, it } from 'vitest'
import { strengthOf } from './strength'

it.each([
  ['', 'empty'],
  ['abc123', 'short'],
  ['七个字的短口令', 'short'],
  ['88888888', 'guessable'],
  ['12345678', 'guessable'],
  ['87654321', 'guessable'],
  ['qwertyuiop', 'guessable'],
  ['password1', 'guessable'],
  ['19860412', 'guessable'],
  ['13800138000', 'guessable'],
  ['abab1212ab', 'fair'],
  ['jingqi83', 'fair'],
  ['清风明月七只猫过河', 'fair'],
  ['Jing-qi-83x', 'good'],
  ['清风明月 7 只猫过河啦啦', 'good'],
])('%s is %s', (passphrase, expected) => expect(strengthOf(passphrase)).toBe(expected))
