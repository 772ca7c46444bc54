// Guards the page of channel checks (R23): what is due, what stands, logging by keys alone, the log, the first setting up.
import { flushPromises } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ChannelCheck, ChannelRow, Channels } from '@/bridge/generated/types'
import { desk, press, type } from '@/parts/testing'
import { useSession } from '@/shell/session'
import { listenForShortcuts } from '@/shell/shortcuts'
import { desktop, show } from '@/shell/testing'
import ChannelsPage from './ChannelsPage.vue'

const check = (n: number, more: Partial<ChannelCheck> = {}): ChannelCheck => ({
  id: `c${n}`,
  at: `2026-11-0${n}T09:00:00+08:00`,
  by: '周敏',
  result: 'normal',
  note: '',
  follow_up: '',
  ...more,
})
const row = (code: string, label: string, more: Partial<ChannelRow> = {}): ChannelRow => ({
  code,
  label,
  routine: { every: 5, who: 'supervisor', how: '用外线拨打' },
  mine: true,
  due: '2026-11-09',
  is_due: false,
  overdue: false,
  ...more,
})
const all = (rows: ChannelRow[], more: Partial<Channels> = {}): Channels => ({
  rows,
  may_set: true,
  may_check: true,
  suggested: 0,
  ...more,
})
const unset = (code: string, label: string) => {
  const one = row(code, label, { routine: { who: '', how: '' } })
  delete one.due
  return one
}

let deaf = () => {}
let away = () => {}
beforeEach(() => {
  deaf = listenForShortcuts()
  useSession().desk = desk
  HTMLDialogElement.prototype.showModal ??= function (this: HTMLDialogElement) {
    this.open = true
  }
})
afterEach(() => {
  away()
  deaf()
})

async function page(channels: Channels, answers: Record<string, unknown> = {}) {
  const called = desktop({ channels: () => channels, ...answers })
  const { wrapper, router } = await show(ChannelsPage)
  away = () => wrapper.unmount()
  await flushPromises()
  const sent = (name: string) => called.filter((call) => call.name === name).map((call) => call.request)
  return { wrapper, router, sent }
}
const focused = () => document.activeElement as HTMLElement

describe('the channels', () => {
  it('stand with their fault, their last check and the next day; what is late comes first', async () => {
    const fault = check(3, { result: 'fault', note: '占线，打不进' })
    const { wrapper } = await page(
      all([
        row('email', '邮件', { last: check(2) }),
        row('hotline', '热线', { last: fault, fault, is_due: true, overdue: true }),
        row('wechat', '微信公众号', { is_due: true }),
        unset('visit', '来访'),
      ]),
    )
    const rows = wrapper.findAll('[data-channel]')
    expect(rows.map((one) => one.attributes('data-channel'))).toEqual(['hotline', 'wechat', 'email'])
    expect(rows[0]?.text()).toContain('异常')
    expect(rows[0]?.text()).toContain('占线，打不进')
    expect(rows[0]?.text()).toContain('逾期')
    expect(rows[0]?.text()).toContain('主管')
    expect(rows[1]?.text()).toContain('还没有查过')
    expect(rows[1]?.text()).toContain('今天')
    expect(rows[2]?.text()).toContain('正常')
    expect(focused()).toBe(wrapper.get('[role=grid]').element)
  })

  it('say which calendar is missing', async () => {
    const unknown = row('hotline', '热线', { missing_year: 2027 })
    delete unknown.due
    const { wrapper } = await page(all([unknown]))
    expect(wrapper.get('[data-channel=hotline]').text()).toContain('缺 2027 年工作日历')
    expect(wrapper.get('.notice').text()).toContain('规则')
  })

  it('are set up as suggested where nothing is yet; others are told whom to ask', async () => {
    const empty = all([unset('hotline', '热线')], { suggested: 1 })
    const { wrapper, sent } = await page(empty, { suggest_channels: () => all([row('hotline', '热线')]) })
    expect(wrapper.text()).toContain('还没有安排渠道检查')
    await wrapper.get('[data-act=suggest]').trigger('click')
    await flushPromises()
    expect(sent('suggest_channels')).toHaveLength(1)
    expect(wrapper.findAll('[data-channel]')).toHaveLength(1)
    wrapper.unmount()

    const clerk = await page({ ...empty, may_set: false })
    expect(clerk.wrapper.find('[data-act=suggest]').exists()).toBe(false)
    expect(clerk.wrapper.text()).toContain('请主管或文档管理')
  })
})

describe('a check', () => {
  const logged = all([row('hotline', '热线', { last: check(9) })])

  it('is logged by Enter, a digit and Enter', async () => {
    const { wrapper, sent } = await page(all([row('hotline', '热线')]), { check_channel: () => logged })
    press(wrapper.get('[role=grid]').element, 'Enter')
    await flushPromises()
    expect(wrapper.get('dialog').text()).toContain('用外线拨打')
    press(focused(), '1')
    press(focused(), 'Enter')
    await flushPromises()
    expect(sent('check_channel')).toEqual([{ code: 'hotline', result: 'normal', note: '', follow_up: '' }])
    expect(wrapper.find('dialog').exists()).toBe(false)
    expect(wrapper.get('[data-channel=hotline]').text()).toContain('周敏')
    expect(focused()).toBe(wrapper.get('[role=grid]').element)
  })

  it('of a fault asks what it is, and of nobody how to go on', async () => {
    const { wrapper, sent } = await page(all([row('hotline', '热线')]), { check_channel: () => logged })
    await wrapper.get('[data-act=check]').trigger('click')
    await flushPromises()
    press(focused(), 's', { ctrlKey: true })
    await flushPromises()
    expect(wrapper.text()).toContain('请选择正常或异常')
    press(focused(), '2')
    await flushPromises()
    expect(focused().dataset.field).toBe('note')
    press(focused(), 'Enter')
    await flushPromises()
    expect(wrapper.get('[data-error=note]').text()).toBe('异常要写明情况')
    expect(sent('check_channel')).toEqual([])
    type(focused(), '占线，打不进 12 分钟')
    type(wrapper.get('[data-field=follow_up]').element, 'KF-20261109-A03-0001')
    press(focused(), 's', { ctrlKey: true })
    await flushPromises()
    expect(sent('check_channel')).toEqual([
      { code: 'hotline', result: 'fault', note: '占线，打不进 12 分钟', follow_up: 'KF-20261109-A03-0001' },
    ])
  })

  it('is not offered to who may not check; he reads the log', async () => {
    const fault = check(3, { result: 'fault', note: '退信', follow_up: 'KF-20261103-A03-0001', form: 'f1' })
    const parts = [
      { checks: [check(5), fault], more: true },
      { checks: [check(2, { follow_up: '报修线路' })], more: false },
    ]
    const { wrapper, router, sent } = await page(all([row('email', '邮件')], { may_check: false }), {
      channel_log: () => parts.shift(),
    })
    expect(wrapper.find('[data-act=check]').exists()).toBe(false)
    press(wrapper.get('[role=grid]').element, 'Enter')
    await flushPromises()
    expect(wrapper.findAll('[data-check]').map((one) => one.attributes('data-result'))).toEqual([
      'normal',
      'fault',
    ])
    await wrapper.get('[data-act=older]').trigger('click')
    await flushPromises()
    expect(sent('channel_log')).toEqual([
      { code: 'email', limit: 20 },
      { code: 'email', limit: 20, before: 'c3' },
    ])
    expect(wrapper.findAll('[data-check]')).toHaveLength(3)
    expect(wrapper.find('[data-act=older]').exists()).toBe(false)
    await wrapper.get('[data-act=form]').trigger('click')
    await flushPromises()
    expect(router.currentRoute.value.path).toBe('/forms/f1')
  })
})
