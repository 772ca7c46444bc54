// What a row of options does with keys and clicks, for one choice, several, or several with the moment of each.
import { computed, ref, type ComputedRef, type Ref } from 'vue'
import type { CodeItem } from '@/bridge/generated/types'
import { rfc3339 } from './moment'
import { byDigit, byLetters, LETTER_PAUSE, offered } from './picking'
import { chosenIn } from './values'

/** One option; several; several, each with the moment it was agreed. */
export type Choosing = 'one' | 'many' | 'dated'

/** A row of options at work. */
export interface Options {
  items: ComputedRef<CodeItem[]>
  chosen: ComputedRef<string[]>
  /** Index of the option that Tab reaches. */
  stop: Ref<number>
  press: (event: KeyboardEvent) => void
  pick: (index: number) => void
}

/** `tell` hears the new value, `focus` moves the focus to an option. */
export function useOptions(
  source: { items: () => CodeItem[]; value: () => unknown; choosing: () => Choosing },
  tell: (value: unknown) => void,
  focus: (index: number) => void,
): Options {
  const chosen = computed(() => chosenIn(source.value()))
  const items = computed(() => offered(source.items(), chosen.value))
  const roving = ref<number | null>(null)
  const stop = computed({
    get: () => {
      const first = items.value.findIndex((item) => chosen.value.includes(item.code))
      const at = roving.value ?? first
      return at >= 0 && at < items.value.length ? at : 0
    },
    set: (index) => (roving.value = index),
  })

  function valueOf(codes: string[]): unknown {
    if (codes.length === 0) return null
    if (source.choosing() === 'one') return codes[0]
    const ordered = items.value.map((item) => item.code).filter((code) => codes.includes(code))
    if (source.choosing() === 'many') return ordered
    const was = (source.value() ?? {}) as Record<string, unknown>
    return Object.fromEntries(ordered.map((code) => [code, was[code] ?? rfc3339(new Date())]))
  }

  function toggled(codes: string[], index: number): string[] {
    const code = items.value[index]?.code
    if (code === undefined) return codes
    if (source.choosing() === 'one') return [code]
    return codes.includes(code) ? codes.filter((c) => c !== code) : [...codes, code]
  }

  function go(index: number) {
    stop.value = index
    focus(index)
  }

  function pick(index: number) {
    forget()
    tell(valueOf(toggled(chosen.value, index)))
    go(index)
  }

  // Letters typed in one go spell one option: 「j」 picks 解释, and a following 「szc」 turns that into 技术支持 as if
  // 解释 had never been picked.
  let typed = ''
  let before: string[] = []
  let last = 0
  const forget = () => (typed = '')

  function spell(letter: string, at: number): boolean {
    if (typed === '' || at - last > LETTER_PAUSE) [typed, before] = ['', chosen.value]
    let index = byLetters(items.value, typed + letter)
    if (index < 0 && typed !== '') {
      ;[typed, before] = ['', chosen.value]
      index = byLetters(items.value, letter)
    }
    if (index < 0) return false
    typed += letter
    last = at
    tell(valueOf(toggled(before, index)))
    go(index)
    return true
  }

  function move(by: number) {
    forget()
    const next = (stop.value + by + items.value.length) % items.value.length
    if (source.choosing() === 'one') tell(valueOf(toggled([], next)))
    go(next)
  }

  function press(event: KeyboardEvent) {
    if (event.ctrlKey || event.metaKey || event.altKey || items.value.length === 0) return
    const { key } = event
    const digit = byDigit(key, items.value.length)
    if (digit >= 0) pick(digit)
    else if (key === 'ArrowRight' || key === 'ArrowDown') move(1)
    else if (key === 'ArrowLeft' || key === 'ArrowUp') move(-1)
    else if (key === 'Home') move(-stop.value)
    else if (key === 'End') move(items.value.length - 1 - stop.value)
    else if (key === ' ') pick(stop.value)
    else if (key === 'Backspace' || key === 'Delete') {
      forget()
      tell(null)
    } else if (!/^[a-z]$/i.test(key) || !spell(key, event.timeStamp)) return
    event.preventDefault()
  }

  return { items, chosen, stop, press, pick }
}
