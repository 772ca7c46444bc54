// Guards the page of synchronisation: where one stands, what was refused or lies aside, and the page for support.
import { flushPromises } from '@vue/test-utils'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Quarantined, RefusedChange, Standing } from '@/bridge/generated/types'
import types from '@/bridge/generated/types.ts?raw'
import { told } from '@/locales'
import { useSession } from '@/shell/session'
import { useShared } from '@/shell/shared'
import { desktop, show } from '@/shell/testing'
import SyncPage from './SyncPage.vue'

const standing: Standing = {
  joined: true,
  online: true,
  busy: false,
  to_send: 0,
  log: 1,
  last_exchange: '2026-11-22T09:40:00+08:00',
  problems: [],
}
const refusal = (id: string, code: string, more: Partial<RefusedChange> = {}): RefusedChange => ({
  id,
  record: `r-${id}`,
  number: 'KF-20261122-A1-0001',
  kind: 'form',
  act: 'answer',
  at: '2026-11-22T09:41:00+08:00',
  code,
  ...more,
})
const aside = (digest: string, reason: string, more: Partial<Quarantined> = {}): Quarantined => ({
  digest,
  place: 812,
  device: 'B2',
  member: '李强',
  kind: 'form',
  act: 'correct',
  at: '2026-11-22T09:41:00+08:00',
  reason,
  ...more,
})

let away = () => {}
afterEach(() => away())

async function page(section = '', answers: Record<string, unknown> = {}, more: Partial<Standing> = {}) {
  const now = { ...standing, ...more }
  const calls = desktop({
    standing: () => now,
    exchange: () => now,
    conflicts: [],
    refused_changes: [],
    quarantine: [],
    diagnosis: { text: '程序版本：1.0\n待发送：3\n' },
    ...answers,
  })
  const session = useSession()
  session.desk = { member: '周敏', template: { blocks: [] }, codes: {} } as never
  session.status = { stage: 'open', idle_locked: false, wait_seconds: 0, version: '0.1.0' }
  useShared()
  await flushPromises()
  const { wrapper, router } = await show(SyncPage)
  away = () => wrapper.unmount()
  if (section) await router.push(`/sync?section=${section}`)
  await flushPromises()
  const asked = (name: string) => calls.filter((call) => call.name === name)
  return { wrapper, router, asked, now }
}

describe('where one stands', () => {
  it('is told at length, with what to do about each problem', async () => {
    const { wrapper } = await page(
      '',
      {},
      {
        online: false,
        offline_since: '2026-11-22T09:41:00+08:00',
        to_send: 12,
        trouble: { code: 'shared_tls' },
        problems: [
          { problem: 'conflicts', count: 2 },
          { problem: 'own_clock', count: 0 },
        ],
      },
    )
    expect(wrapper.get('[data-main]').text()).toContain('离线，自')
    expect(wrapper.get('[data-trouble]').text()).toContain('没有发送口令')
    expect(wrapper.text()).toContain('12 条，连上后自动送出')
    expect(wrapper.get('[data-problem=conflicts]').text()).toContain('两个都保留着')
    expect(wrapper.get('[data-problem=conflicts] a').attributes('href')).toContain('conflicts')
    expect(wrapper.get('[data-problem=own_clock]').text()).toContain('自动对时')
    expect(wrapper.get('[data-section=conflicts]').text()).toBe('冲突待定2')
  })

  it('can be brought up to date now', async () => {
    const { wrapper, asked } = await page()
    expect(wrapper.text()).toContain('没有。')
    await wrapper.get('[data-act=exchange]').trigger('click')
    await flushPromises()
    expect(asked('exchange')).toHaveLength(1)
  })

  it('leads to the settings where the desk is not shared', async () => {
    const { wrapper, router } = await page('', {}, { joined: false })
    expect(wrapper.find('[role=tab]').exists()).toBe(false)
    await wrapper.get('[data-act=to-settings]').trigger('click')
    await flushPromises()
    expect(router.currentRoute.value.fullPath).toBe('/settings?section=shared')
  })

  it('moves between its parts by arrow', async () => {
    const { wrapper } = await page()
    await wrapper.get('[role=tablist]').trigger('keydown', { key: 'ArrowLeft' })
    await flushPromises()
    expect((document.activeElement as HTMLElement).dataset.section).toBe('diagnosis')
    expect(wrapper.find('[data-diagnosis]').exists()).toBe(true)
  })
})

// The wire names the codes in the comments on their members.
const codesOf = (type: string, member: string) => {
  const body = new RegExp(`export type ${type} = \\{([\\s\\S]*?)\\};`).exec(types)?.[1] ?? ''
  const comment = body.split('/**').find((part) => part.includes(`${member}: string`)) ?? ''
  return [...comment.matchAll(/`([a-z_]+)`/g)].map((match) => match[1] ?? '')
}

describe('what did not come through', () => {
  it.each([
    ['RefusedChange', 'code', 'sync.refused.why'],
    ['Quarantined', 'reason', 'sync.quarantine.why'],
  ])('has a sentence for every %s', (type, member, key) => {
    const codes = codesOf(type, member)
    expect(codes.length).toBeGreaterThanOrEqual(8)
    for (const code of codes) expect([code, told(`${key}.${code}`)]).toEqual([code, true])
  })

  it('lists refused changes with why, until somebody has seen to them', async () => {
    let kept = [
      refusal('1', 'archived'),
      refusal('2', 'from_a_newer_server', { kind: 'member', number: '', act: 'enrol' }),
    ]
    const { wrapper, asked } = await page('refused', {
      refused_changes: () => kept,
      dismiss_refused: ({ id }: { id: string }) => (kept = kept.filter((one) => one.id !== id)),
    })
    const first = wrapper.get('[data-refused=archived]')
    expect(first.text()).toMatch(/登记表 KF-20261122-A1-0001.*答复方案.*只有归档员可以改动/)
    expect(first.get('a').attributes('href')).toBe('/forms/r-1')
    expect(wrapper.get('[data-refused=from_a_newer_server]').text()).toContain('from_a_newer_server')
    await first.get('[data-act=dismiss]').trigger('click')
    await flushPromises()
    expect(asked('dismiss_refused').map(({ request }) => request)).toEqual([{ id: '1' }])
    expect(wrapper.findAll('[data-refused]')).toHaveLength(1)
  })

  it('exports what was refused, and says what the file holds', async () => {
    const { wrapper, asked } = await page('refused', {
      refused_changes: [refusal('1', 'archived')],
      save_refused: { file: '被拒绝的改动.jsonl' },
    })
    expect(wrapper.get('.lead').text()).toContain('含客户资料')
    await wrapper.get('[data-act=save-refused]').trigger('click')
    await flushPromises()
    expect(asked('save_refused')).toHaveLength(1)
    expect(document.body.textContent).toContain('已存为 被拒绝的改动.jsonl')
  })

  it('lists what lies aside, and exports it', async () => {
    const { wrapper, asked } = await page('quarantine', {
      quarantine: [
        aside('aa', 'signature'),
        aside('bb', 'later', { member: '', device: '' }),
        aside('cc', 'withheld', { place: 900, member: '', device: '', kind: '', act: '', at: '' }),
      ],
      save_quarantine: { file: '隔离区.jsonl' },
    })
    expect(wrapper.get('[data-quarantined=signature]').text()).toMatch(
      /812.*李强 · 终端码 B2.*更正.*签名不符/,
    )
    expect(wrapper.get('[data-quarantined=later]').text()).toMatch(/身份未知.*later/)
    expect(wrapper.get('[data-quarantined=withheld]').text()).toMatch(/^900———服务器没有给出/)
    await wrapper.get('[data-act=save-quarantine]').trigger('click')
    await flushPromises()
    expect(asked('save_quarantine')).toHaveLength(1)
    expect(document.body.textContent).toContain('已存为 隔离区.jsonl')
  })

  it.each(['refused', 'quarantine'])(
    'says that nothing is %s, or why that cannot be read',
    async (section) => {
      const command = section === 'refused' ? 'refused_changes' : 'quarantine'
      const { wrapper } = await page(section)
      expect(wrapper.find('.empty').exists()).toBe(true)
      expect(wrapper.find(`[data-act=save-${section}]`).exists()).toBe(false)
      wrapper.unmount()
      const failed = await page(section, {
        [command]: () => {
          throw { code: 'storage' }
        },
      })
      expect(failed.wrapper.get('[role=alert]').text()).toContain('读写出错')
    },
  )
})

describe('the page for support', () => {
  it('is copied, and saved as a file', async () => {
    const written = vi.spyOn(navigator.clipboard, 'writeText').mockResolvedValue()
    const { wrapper, asked } = await page('diagnosis', { save_diagnosis: {} })
    expect(wrapper.get('[data-diagnosis]').text()).toContain('待发送：3')
    await wrapper.get('[data-act=copy-diagnosis]').trigger('click')
    await flushPromises()
    expect(written).toHaveBeenCalledWith('程序版本：1.0\n待发送：3\n')
    await wrapper.get('[data-act=save-diagnosis]').trigger('click')
    await flushPromises()
    expect(asked('save_diagnosis')).toHaveLength(1)
    // The dialog was closed without a file: nothing is said to have been saved.
    expect(document.body.textContent).not.toContain('已存为')
  })

  it('can be selected by hand where the clipboard is closed', async () => {
    vi.spyOn(navigator.clipboard, 'writeText').mockRejectedValue(new Error('closed'))
    const { wrapper } = await page('diagnosis')
    await wrapper.get('[data-act=copy-diagnosis]').trigger('click')
    await flushPromises()
    expect(wrapper.get('[role=alert]').text()).toContain('自行复制')
  })
})
