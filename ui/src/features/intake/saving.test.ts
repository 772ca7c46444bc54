import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { AGAIN, createSaver, LONGEST, REST } from './saving'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const saver = (save = vi.fn(async () => {}), failed = vi.fn()) => ({
  save,
  failed,
  ...createSaver(save, failed),
})

describe('saving a draft', () => {
  it('waits for a rest in the typing', async () => {
    const { save, touch, state } = saver()
    touch()
    await vi.advanceTimersByTimeAsync(REST - 1)
    expect(save).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1)
    expect(save).toHaveBeenCalledOnce()
    expect(state.value).toBe('clean')
  })

  it('never leaves an edit unsaved for a second, however fast the typing goes on', async () => {
    const waits: number[] = []
    let unsavedSince = 0
    const { touch } = saver(
      vi.fn(async () => {
        if (unsavedSince) waits.push(Date.now() - unsavedSince)
        unsavedSince = 0
      }),
    )
    for (let i = 0; i < 100; i++) {
      unsavedSince ||= Date.now()
      touch()
      await vi.advanceTimersByTimeAsync(100)
    }
    expect(waits.length).toBeGreaterThan(10)
    expect(Math.max(...waits)).toBeLessThanOrEqual(LONGEST)
  })

  it('does not save twice at once, and saves again what was typed meanwhile', async () => {
    let finish = () => {}
    const { save, touch, flush } = saver(vi.fn(() => new Promise<void>((resolve) => (finish = resolve))))
    touch()
    await vi.advanceTimersByTimeAsync(REST)
    touch()
    await vi.advanceTimersByTimeAsync(LONGEST)
    expect(save).toHaveBeenCalledTimes(1)
    const flushed = flush()
    finish()
    await vi.advanceTimersByTimeAsync(0)
    expect(save).toHaveBeenCalledTimes(2)
    finish()
    await flushed
  })

  it('tries again after a failure, and says so', async () => {
    const { save, failed, touch, state } = saver(vi.fn().mockRejectedValueOnce({ code: 'disk_full' }))
    touch()
    await vi.advanceTimersByTimeAsync(REST)
    expect(state.value).toBe('failed')
    expect(failed).toHaveBeenCalledWith({ code: 'disk_full' })
    await vi.advanceTimersByTimeAsync(AGAIN)
    expect(save).toHaveBeenCalledTimes(2)
    expect(state.value).toBe('clean')
  })

  it('flushes at once, and nothing after it is stopped', async () => {
    const { save, touch, flush, stop } = saver()
    touch()
    await flush()
    expect(save).toHaveBeenCalledOnce()
    touch()
    await stop()
    touch()
    await vi.advanceTimersByTimeAsync(5000)
    expect(save).toHaveBeenCalledOnce()
  })
})
