import { expect, it, vi } from 'vitest'
import { isComposing, unlessComposing } from './composing'

const key = (init: KeyboardEventInit, keyCode?: number) => {
  const event = new KeyboardEvent('keydown', { key: 'Enter', ...init })
  if (keyCode) Object.defineProperty(event, 'keyCode', { value: keyCode })
  return event
}

it('leaves the keys of an input method alone, in Chromium and in WebKit', () => {
  const handler = vi.fn()
  unlessComposing(handler)(key({ isComposing: true }))
  unlessComposing(handler)(key({}, 229))
  expect(handler).not.toHaveBeenCalled()
  unlessComposing(handler)(key({}, 13))
  expect(handler).toHaveBeenCalledOnce()
})

it('knows that other events compose nothing', () => expect(isComposing(new Event('input'))).toBe(false))
