// Guards that work is done one piece at a time, and that a refusal is said and ends it.
import { flushPromises } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'
import { useBusy } from './busy'

describe('work', () => {
  it('leaves out what is asked for while it lasts', async () => {
    const { busy, during } = useBusy()
    const run: string[] = []
    let finish = () => {}
    void during(async () => {
      run.push('first')
      await new Promise<void>((resolve) => (finish = resolve))
    })
    await during(async () => void run.push('meanwhile'))
    expect([busy.value, run]).toEqual([true, ['first']])
    finish()
    await flushPromises()
    expect(busy.value).toBe(false)
    await during(async () => void run.push('after'))
    expect(run).toEqual(['first', 'after'])
  })

  it('that is refused says so in words, and the next may begin', async () => {
    const { busy, during } = useBusy()
    await during(() => Promise.reject({ code: 'disk_full' }))
    expect(document.body.textContent).toContain('磁盘已满')
    expect(busy.value).toBe(false)
  })
})
