// Guards the keyboard: who answers a key, what the browser must not take, what belongs to the input method.
import { effectScope, nextTick } from 'vue'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  activeShortcuts,
  keyOf,
  listenForShortcuts,
  shownKeys,
  useShortcutBarrier,
  useShortcuts,
} from './shortcuts'

let stop: () => void
beforeEach(() => (stop = listenForShortcuts()))
afterEach(() => stop())

function press(
  key: string,
  init: KeyboardEventInit & { keyCode?: number } = {},
  target: EventTarget = document.body,
) {
  const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...init })
  if (init.keyCode) Object.defineProperty(event, 'keyCode', { value: init.keyCode })
  target.dispatchEvent(event)
  return event
}

function within(setup: () => void) {
  const scope = effectScope()
  scope.run(setup)
  return () => scope.stop()
}

describe('keys', () => {
  it.each([
    [{ key: 's', ctrlKey: true }, 'mod+s'],
    [{ key: 'N', ctrlKey: true, shiftKey: true }, 'mod+shift+n'],
    [{ key: '?', shiftKey: true }, '?'],
    [{ key: 'F5' }, 'F5'],
    [{ key: 'Tab', shiftKey: true }, 'shift+Tab'],
  ])('%o is %s', (init, expected) => expect(keyOf(new KeyboardEvent('keydown', init))).toBe(expected))

  it('are shown as printed on the keyboard', () => {
    expect([shownKeys('mod+shift+s'), shownKeys('Escape'), shownKeys('F1')]).toEqual([
      'Ctrl+Shift+S',
      'Esc',
      'F1',
    ])
  })
})

describe('shortcuts', () => {
  it('live as long as their owner, and keep the browser from acting', () => {
    const run = vi.fn()
    const end = within(() => useShortcuts([{ keys: 'mod+s', run }]))
    expect(press('s', { ctrlKey: true }).defaultPrevented).toBe(true)
    end()
    press('s', { ctrlKey: true })
    expect(run).toHaveBeenCalledTimes(1)
  })

  it.each(['F5', 'F3'])('leave %s of the browser no way', (key) =>
    expect(press(key).defaultPrevented).toBe(true),
  )
  it.each(['p', 'f', 's', 'r'])('leave Ctrl+%s of the browser no way', (key) =>
    expect(press(key, { ctrlKey: true }).defaultPrevented).toBe(true),
  )
  it.each(['c', 'v', 'x', 'a', 'z'])('leave editing with Ctrl+%s alone', (key) =>
    expect(press(key, { ctrlKey: true }).defaultPrevented).toBe(false),
  )

  it('never act on the keys of an input method', () => {
    const run = vi.fn()
    const end = within(() => useShortcuts([{ keys: 'Enter', run }]))
    press('Enter', { isComposing: true })
    press('Enter', { keyCode: 229 })
    expect(run).not.toHaveBeenCalled()
    press('Enter')
    expect(run).toHaveBeenCalledTimes(1)
    end()
  })

  it('leave plain characters to the field that is being typed in', () => {
    const run = vi.fn()
    const end = within(() => useShortcuts([{ keys: '?', run }]))
    const input = document.body.appendChild(document.createElement('input'))
    press('?', {}, input)
    expect(run).not.toHaveBeenCalled()
    press('?')
    expect(run).toHaveBeenCalledTimes(1)
    end()
  })

  it('leave Escape to the open list of a field', () => {
    const run = vi.fn()
    const end = within(() => useShortcuts([{ keys: 'Escape', run }]))
    document.body.innerHTML = '<input role="combobox" aria-haspopup="listbox" aria-expanded="true" />'
    const input = document.body.firstElementChild as HTMLInputElement
    press('Escape', {}, input)
    expect(run).not.toHaveBeenCalled()
    input.setAttribute('aria-expanded', 'false')
    press('Escape', {}, input)
    expect(run).toHaveBeenCalledTimes(1)
    end()
  })

  it('belong to the dialog while one is open', async () => {
    const page = vi.fn()
    const dialog = vi.fn()
    const endPage = within(() => useShortcuts([{ keys: 'Escape', label: 'page', run: page }]))
    const endDialog = within(() => {
      useShortcutBarrier()
      useShortcuts([{ keys: 'Enter', label: 'dialog', run: dialog }])
    })
    press('Escape')
    await nextTick()
    expect(activeShortcuts.value.map(({ label }) => label)).toEqual(['dialog'])
    expect(page).not.toHaveBeenCalled()
    endDialog()
    press('Escape')
    expect(page).toHaveBeenCalledTimes(1)
    endPage()
  })
})
