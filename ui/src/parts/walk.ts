// The keys of a list: arrows, pages, ends, Enter. One listener for all lists, and the chosen row kept in sight.
import { nextTick, watch, type Ref, type WatchSource } from 'vue'

/** The element of role `grid`, once it is on screen. */
export type Grid = Ref<HTMLElement | undefined>

/** Rows that PageDown goes on in a list without pages of its own. */
export const LEAP = 10

/** What a list does when it is walked through. */
export interface Moves {
  /** Chooses the row `by` places on; back where that is negative. */
  step: (by: number) => void
  /** Turns a page on or back; `LEAP` rows where it is left out. */
  page?: (by: 1 | -1) => void
  first: () => void
  last: () => void
  /** Opens the chosen row. */
  open: () => void
  /** Puts the list away. */
  leave?: () => void
}

/** Listener for `keydown` at a grid or around it: only where the grid itself has the focus, and without Ctrl, Alt, ⌘. */
export function walkKeys(moves: Moves): (event: KeyboardEvent) => void {
  const page = (by: 1 | -1) => (moves.page ? moves.page(by) : moves.step(by * LEAP))
  const acts: Record<string, (() => void) | undefined> = {
    ArrowDown: () => moves.step(1),
    ArrowUp: () => moves.step(-1),
    PageDown: () => page(1),
    PageUp: () => page(-1),
    Home: moves.first,
    End: moves.last,
    Enter: moves.open,
    Escape: moves.leave,
  }
  return (event) => {
    const act = acts[event.key]
    const own = event.target instanceof Element && event.target.matches('[role="grid"]')
    if (!act || !own || event.ctrlKey || event.metaKey || event.altKey) return
    event.preventDefault()
    act()
  }
}

/** Scrolls the chosen row into sight when it or any of `more` changes; for the first row to the very top. */
export function useInSight(grid: Grid, active: () => number, ...more: WatchSource[]) {
  watch([active, ...more], async () => {
    await nextTick()
    if (active() === 0) grid.value?.scrollTo?.({ top: 0 })
    else grid.value?.querySelector('[aria-selected="true"]')?.scrollIntoView?.({ block: 'nearest' })
  })
}

/** A list of which the first rows are here and further ones can be asked for. */
export interface Growing {
  /** Place of the chosen row, from 0. */
  active: Ref<number>
  /** How many rows are here. */
  here: () => number
  /** How many there are. */
  total: () => number
  /** Asks for further rows: a step past the last one does. */
  more: () => void
  open: () => void
}

/** Walks through a growing list: `press` belongs to the keydown of `grid`, `focus` brings the keys there. */
export function useWalk(grid: Grid, { active, here, total, more, open }: Growing) {
  function move(to: number): void {
    if (to >= here() && here() < total()) more()
    active.value = Math.max(0, Math.min(here() - 1, to))
  }
  const press = walkKeys({
    step: (by) => move(active.value + by),
    first: () => move(0),
    last: () => move(here() - 1),
    open,
  })
  useInSight(grid, () => active.value)
  return { press, focus: () => grid.value?.focus({ preventScroll: true }) }
}
