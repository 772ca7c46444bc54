// Keyboard shortcuts: one listener for the window, one list of what is active now, shown by the legend.
import { computed, onScopeDispose, shallowReactive } from 'vue'
import { isComposing } from '@/parts/composing'

/** A key that does something while its owner is on screen. */
export interface Shortcut {
  /** As `mod+s`, `mod+shift+n`, `F1`, `?`, `Escape`; `mod` is ⌘ on Apple machines and Ctrl elsewhere. */
  keys: string
  /** What it does, in words, for the legend; without it the key stays unlisted. */
  label?: string | (() => string)
  run: (event: KeyboardEvent) => void
  /** Does nothing, and lets the key through, while this is false. */
  when?: () => boolean
}

/** Stands in the list where a modal dialog opened: what lies before it is out of reach. */
const barrier: Shortcut = { keys: '', run: () => undefined }

const apple = /Mac|iP(hone|ad|od)/.test(navigator.platform)
const active = shallowReactive<Shortcut[]>([])

/** Keys that a browser would take for itself: reload, its own find and print dialogs, saving the page. */
const browserKeys = new Set([
  'F3',
  'F5',
  'F7',
  'mod+F5',
  'mod+f',
  'mod+g',
  'mod+p',
  'mod+r',
  'mod+s',
  'mod+u',
  'mod+j',
  'mod+shift+r',
])

/** The key of an event in the notation of {@link Shortcut.keys}. */
export function keyOf(event: KeyboardEvent): string {
  const mod = apple ? event.metaKey : event.ctrlKey
  const single = event.key.length === 1
  // With Shift a single character already says so itself: `?` is not `shift+/`.
  const shift = event.shiftKey && (!single || mod)
  const key = single ? event.key.toLowerCase() : event.key
  return [mod && 'mod', event.altKey && 'alt', shift && 'shift', key].filter(Boolean).join('+')
}

const writable = (target: EventTarget | null) =>
  target instanceof HTMLElement &&
  (target.isContentEditable ||
    target instanceof HTMLTextAreaElement ||
    (target instanceof HTMLInputElement && !/^(checkbox|radio|button|submit)$/.test(target.type)))

/** An open list or calendar of the field itself: Escape closes that first. */
const opened = (target: EventTarget | null) =>
  target instanceof Element &&
  target.closest(
    '[aria-expanded="true"][aria-haspopup], [data-popup], .el-popper, .el-date-editor.is-active',
  ) !== null

const reachable = () => active.slice(active.lastIndexOf(barrier) + 1)

function listen(event: KeyboardEvent): void {
  if (isComposing(event)) return
  const key = keyOf(event)
  if (browserKeys.has(key)) event.preventDefault()
  const typed = event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey
  if (typed && writable(event.target)) return
  // What came last on screen answers first: a dialog before the page beneath it.
  const found = reachable()
    .reverse()
    .find((shortcut) => shortcut.keys === key && (shortcut.when?.() ?? true))
  if (!found || (key === 'Escape' && opened(event.target))) return
  event.preventDefault()
  event.stopPropagation()
  found.run(event)
}

/** Starts listening; called once, by the application. Returns the way to stop. */
export function listenForShortcuts(): () => void {
  window.addEventListener('keydown', listen, { capture: true })
  return () => window.removeEventListener('keydown', listen, { capture: true })
}

/** Makes shortcuts active for as long as the calling component lives. */
export function useShortcuts(shortcuts: Shortcut[]): void {
  active.push(...shortcuts)
  onScopeDispose(() => {
    for (const shortcut of shortcuts) remove(shortcut)
  })
}

/** Puts everything before it out of reach, for as long as the calling dialog lives. */
export function useShortcutBarrier(): void {
  active.push(barrier)
  onScopeDispose(() => remove(barrier))
}

function remove(shortcut: Shortcut): void {
  const at = active.lastIndexOf(shortcut)
  if (at >= 0) active.splice(at, 1)
}

/** A line of the legend. */
export interface ListedShortcut {
  keys: string
  label: string
}

/** Active shortcuts that have words, each key once, nearest first. */
export const activeShortcuts = computed<ListedShortcut[]>(() => {
  const seen = new Set<string>()
  return reachable()
    .filter((shortcut) => shortcut.label && (shortcut.when?.() ?? true))
    .reverse()
    .filter((shortcut) => !seen.has(shortcut.keys) && seen.add(shortcut.keys))
    .map((shortcut) => ({
      keys: shortcut.keys,
      label: typeof shortcut.label === 'function' ? shortcut.label() : (shortcut.label ?? ''),
    }))
})

const appleSigns: Record<string, string> = { mod: '⌘', shift: '⇧', alt: '⌥' }
const otherSigns: Record<string, string> = { mod: 'Ctrl', shift: 'Shift', alt: 'Alt' }
const keySigns: Record<string, string> = {
  Escape: 'Esc',
  ArrowUp: '↑',
  ArrowDown: '↓',
  ArrowLeft: '←',
  ArrowRight: '→',
}

/** A key as it is printed on the keyboard in front of the person: `Ctrl+S`, `⌘S`. */
export function shownKeys(keys: string): string {
  const signs = apple ? appleSigns : otherSigns
  return keys
    .split('+')
    .map((part) => signs[part] ?? keySigns[part] ?? (part.length === 1 ? part.toUpperCase() : part))
    .join(apple ? '' : '+')
}
