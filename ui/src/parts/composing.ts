// Tells keys that belong to an input method from keys meant for the program. One place, because every webview
// differs: Chromium marks them isComposing, WebKit sends the committing Enter after compositionend with keyCode 229.

/** The key is being used to compose or to choose characters; no handler of ours may act on it. */
export function isComposing(event: Event): boolean {
  if (!('key' in event)) return false
  const key = event as KeyboardEvent
  return key.isComposing || key.keyCode === 229
}

/** Wraps a key handler so that it never hears the keys of an input method. */
export function unlessComposing(handler: (event: KeyboardEvent) => void): (event: KeyboardEvent) => void {
  return (event) => {
    if (!isComposing(event)) handler(event)
  }
}
