// Guards the keys of lists: where each leads, whose they are, and that further rows are asked for at the end.
import { computed, defineComponent, h, nextTick, ref } from 'vue'
import { describe, expect, it, vi } from 'vitest'
import { show } from '@/shell/testing'
import { press } from './testing'
import { useWalk, walkKeys, type Moves } from './walk'

async function list(here: number, total = here) {
  const active = ref(0)
  const rows = ref(here)
  const more = vi.fn()
  const open = vi.fn()
  const { wrapper } = await show(
    defineComponent({
      setup(_, { expose }) {
        const grid = ref<HTMLElement>()
        const walk = useWalk(grid, { active, here: () => rows.value, total: () => total, more, open })
        expose({ focus: walk.focus })
        const places = computed(() => Array.from({ length: rows.value }, (_, at) => at))
        return () =>
          h('div', { ref: grid, role: 'grid', tabindex: 0, onKeydown: walk.press }, [
            h('button', 'inside'),
            ...places.value.map((at) => h('p', { 'aria-selected': at === active.value }, String(at))),
          ])
      },
    }),
  )
  const grid = wrapper.get<HTMLElement>('[role=grid]').element
  return { wrapper, grid, active, more, open }
}

describe('a list walked through by keys', () => {
  it('goes by rows, by tens, and to its ends, never past them', async () => {
    const { grid, active, open } = await list(25)
    const way: [string, number][] = [
      ['ArrowDown', 1],
      ['ArrowDown', 2],
      ['ArrowUp', 1],
      ['PageDown', 11],
      ['PageDown', 21],
      ['PageDown', 24],
      ['PageUp', 14],
      ['Home', 0],
      ['ArrowUp', 0],
      ['End', 24],
      ['ArrowDown', 24],
    ]
    for (const [key, to] of way) {
      expect(press(grid, key)).toBe(true)
      expect([key, active.value]).toEqual([key, to])
    }
    expect(open).not.toHaveBeenCalled()
    press(grid, 'Enter')
    expect(open).toHaveBeenCalledOnce()
  })

  it('asks for further rows past the last one, where there are any', async () => {
    const growing = await list(3, 5)
    press(growing.grid, 'End')
    expect(growing.more).not.toHaveBeenCalled()
    press(growing.grid, 'ArrowDown')
    expect(growing.more).toHaveBeenCalledOnce()
    const whole = await list(3)
    press(whole.grid, 'PageDown')
    expect(whole.more).not.toHaveBeenCalled()
  })

  it('leaves alone what is meant for somebody else', async () => {
    const { wrapper, grid, active, open } = await list(3)
    expect(press(wrapper.get('button').element, 'Enter')).toBe(false)
    for (const held of ['ctrlKey', 'metaKey', 'altKey'])
      expect(press(grid, 'ArrowDown', { [held]: true })).toBe(false)
    for (const key of ['a', 'Escape', 'Tab']) expect(press(grid, key)).toBe(false)
    expect([active.value, open.mock.calls.length]).toEqual([0, 0])
  })

  it('keeps the chosen row in sight, and goes to the very top for the first', async () => {
    const { grid } = await list(20)
    const seen: string[] = []
    grid.scrollTo = () => void seen.push('top')
    for (const row of grid.querySelectorAll('p'))
      row.scrollIntoView = () => void seen.push(row.textContent ?? '')
    for (const key of ['End', 'ArrowUp', 'Home']) {
      press(grid, key)
      await nextTick()
      await nextTick()
    }
    expect(seen).toEqual(['19', '18', 'top'])
  })

  it('turns pages of its own where it has them, and is put away where it can be', async () => {
    const { grid } = await list(1)
    const told: unknown[] = []
    const moves: Moves = {
      step: (by) => told.push(['step', by]),
      page: (by) => told.push(['page', by]),
      first: () => told.push('first'),
      last: () => told.push('last'),
      open: () => told.push('open'),
      leave: () => told.push('leave'),
    }
    grid.addEventListener('keydown', walkKeys(moves))
    for (const key of ['PageDown', 'PageUp', 'Escape']) press(grid, key)
    expect(told).toEqual([['page', 1], ['page', -1], 'leave'])
  })
})
