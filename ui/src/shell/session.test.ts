// Guards the stages of the desk: opening, being shut out, saving before locking.
import { flushPromises } from '@vue/test-utils'
import { describe, expect, it, vi } from 'vitest'
import { commands } from '@/bridge/generated/commands'
import { usePreferences } from './preferences'
import { useSession } from './session'
import { desktop } from './testing'

const open = { stage: 'open', idle_locked: false, wait_seconds: 0, version: '0.1.0' }
const locked = { ...open, stage: 'locked' }
const desk = {
  recovery_confirmed: false,
  template: { blocks: [{ rows: [[{ key: 'kind', label: '类别' }]] }] },
  codes: { kind: { items: [{ code: 'repair', label: '报修' }] } },
}
const preferences = { ...usePreferencesDefaults(), theme: 'dark' }

function usePreferencesDefaults() {
  return { scale: 100, idle_minutes: 10, printer: '', filter: {}, sort: 'number', descending: true }
}

describe('the session', () => {
  it('reads desk and preferences once open', async () => {
    desktop({ status: open, desk, preferences })
    const session = useSession()
    await session.start()
    expect(session.stage).toBe('open')
    expect(session.fieldOf('kind')?.label).toBe('类别')
    expect(session.label('kind', 'repair')).toBe('报修')
    expect(session.label('kind', 'from_a_newer_version')).toBe('from_a_newer_version')
    expect(usePreferences().now.theme).toBe('dark')
    await flushPromises()
    expect(document.documentElement.classList.contains('dark')).toBe(true)
  })

  it('reads the desk anew only where something differs', async () => {
    let next = { ...desk, member: '周敏' }
    desktop({ status: open, desk: () => structuredClone(next), preferences })
    const session = useSession()
    await session.start()
    const before = session.desk
    await session.look()
    expect(session.desk).toBe(before)
    next = { ...next, member: '李强' }
    await session.look()
    expect(session.desk?.member).toBe('李强')
  })

  it('stays shut, with the reason, where the desk cannot be opened', async () => {
    desktop({
      status: () => {
        throw { code: 'database_newer' }
      },
    })
    const session = useSession()
    await session.start()
    expect(session.blocked?.code).toBe('database_newer')
    expect(session.stage).toBeUndefined()
  })

  it('blocks only where another passphrase would not help', async () => {
    let code = 'wrong_passphrase'
    desktop({
      status: locked,
      unlock: () => {
        throw { code }
      },
    })
    const session = useSession()
    await session.start()
    await expect(session.unlock({ passphrase: 'x' })).rejects.toMatchObject({ code })
    expect(session.blocked).toBeUndefined()
    code = 'keys_unreadable'
    await expect(session.unlock({ passphrase: 'x' })).rejects.toMatchObject({ code })
    expect(session.blocked?.code).toBe(code)
  })

  it('lets pages save before it locks, and forgets the desk', async () => {
    const calls = desktop({ status: open, desk, preferences, lock: locked, save_draft: {} })
    const session = useSession()
    await session.start()
    const stop = session.beforeLock(() => commands.saveDraft({ id: '1', values: {}, attachments: [] }))
    await session.lock()
    expect(calls.map(({ name }) => name).slice(-2)).toEqual(['save_draft', 'lock'])
    expect(session.desk).toBeUndefined()
    stop()
    await session.lock()
    expect(calls.filter(({ name }) => name === 'save_draft')).toHaveLength(1)
  })

  it('locks even where a page cannot save', async () => {
    vi.useFakeTimers()
    desktop({ status: open, desk, preferences, lock: locked })
    const session = useSession()
    await session.start()
    session.beforeLock(() => new Promise(() => undefined))
    session.beforeLock(() => Promise.reject(new Error('disk')))
    const done = session.lock()
    await vi.advanceTimersByTimeAsync(2000)
    await done
    expect(session.stage).toBe('locked')
    vi.useRealTimers()
  })

  it('follows a desktop that locked by itself', async () => {
    let now = open
    desktop({
      status: () => now,
      desk,
      preferences,
      drafts: () => {
        throw { code: 'locked' }
      },
    })
    const session = useSession()
    await session.start()
    now = locked
    await commands.drafts().catch(() => undefined)
    await flushPromises()
    expect(session.stage).toBe('locked')
  })
})
