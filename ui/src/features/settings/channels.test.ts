// Guards how channel checks are laid down (R23): a row a channel, slips beside their field, nothing for who may not.
import { flushPromises } from '@vue/test-utils'
import { beforeEach, describe, expect, it } from 'vitest'
import type { ChannelRow, Channels } from '@/bridge/generated/types'
import { desk } from '@/parts/testing'
import { useSession } from '@/shell/session'
import { desktop, show } from '@/shell/testing'
import ChannelsSection from './ChannelsSection.vue'

const row = (code: string, label: string, routine: ChannelRow['routine']): ChannelRow => ({
  code,
  label,
  routine,
  mine: false,
  is_due: false,
  overdue: false,
})
const channels = (more: Partial<Channels> = {}): Channels => ({
  rows: [
    row('hotline', '热线', { every: 5, who: 'supervisor', how: '用外线拨打' }),
    row('visit', '来访', { who: '', how: '' }),
  ],
  may_set: true,
  may_check: true,
  suggested: 7,
  ...more,
})

beforeEach(() => {
  useSession().desk = desk
})

async function section(answers: Record<string, unknown>) {
  const called = desktop({
    channels: () => channels(),
    colleagues: () => [
      { id: 'm1', name: '孙丽', employee_number: '', department: '客服部', roles: ['reception'] },
      { id: 'm2', name: '周工', employee_number: '', department: '技术支持部', roles: ['handler'] },
    ],
    departments: () => ({ departments: [{ name: '客服部' }], named: [] }),
    ...answers,
  })
  const { wrapper } = await show(ChannelsSection)
  await flushPromises()
  const sent = (name: string) => called.filter((call) => call.name === name).map((call) => call.request)
  return { wrapper, sent }
}

describe('how channels are checked', () => {
  it('is saved a channel at a time; roles go by their names', async () => {
    const saved = channels()
    saved.rows[1] = row('visit', '来访', { every: 20, who: '孙丽', how: '' })
    const { wrapper, sent } = await section({ save_channel: () => saved })
    const hotline = wrapper.get('[data-channel=hotline]')
    expect((hotline.get('[data-field=who]').element as HTMLInputElement).value).toBe('主管')
    expect(hotline.get('[data-act=save-channel]').attributes('disabled')).toBeDefined()
    const names = wrapper.findAll('datalist option').map((one) => one.attributes('value'))
    expect(names).toEqual(['接待', '文档管理', '分发', '主管', '质检', '客服部', '孙丽'])

    const visit = wrapper.get('[data-channel=visit]')
    await hotline.get('[data-field=how]').setValue('用外线拨打，三声之内有人接')
    await visit.get('[data-field=every]').setValue('20')
    await visit.get('[data-field=who]').setValue(' 孙丽 ')
    await visit.trigger('submit')
    await flushPromises()
    expect(sent('save_channel')).toEqual([{ code: 'visit', routine: { every: 20, who: '孙丽', how: '' } }])
    expect(visit.get('[data-act=save-channel]').attributes('disabled')).toBeDefined()
    const typed = hotline.get('[data-field=how]').element as HTMLInputElement
    expect(typed.value, 'what is typed beside it stays').toBe('用外线拨打，三声之内有人接')
  })

  it('names slips beside the row, and stops by an empty interval', async () => {
    const { wrapper, sent } = await section({
      save_channel: () => {
        throw {
          code: 'invalid_fields',
          fields: [{ field: 'who', problem: 'unknown_option', detail: '钱 敏' }],
        }
      },
    })
    const hotline = wrapper.get('[data-channel=hotline]')
    await hotline.get('[data-field=every]').setValue('61')
    await hotline.trigger('submit')
    await flushPromises()
    expect(hotline.get('[data-error=every]').text()).toContain('1 至 60')
    expect(sent('save_channel')).toEqual([])
    await hotline.get('[data-field=every]').setValue('')
    await hotline.get('[data-field=who]').setValue('钱 敏')
    await hotline.trigger('submit')
    await flushPromises()
    expect(hotline.get('[data-error=who]').text()).toContain('钱 敏')
    expect(sent('save_channel')).toEqual([{ code: 'hotline', routine: { who: '钱 敏', how: '用外线拨打' } }])
  })

  it('is suggested for those nobody laid anything down for', async () => {
    const { wrapper, sent } = await section({ suggest_channels: () => channels({ suggested: 0 }) })
    expect(wrapper.get('.suggest').text()).toContain('7')
    await wrapper.get('[data-act=suggest]').trigger('click')
    await flushPromises()
    expect(sent('suggest_channels')).toHaveLength(1)
    expect(wrapper.find('[data-act=suggest]').exists()).toBe(false)
  })

  it('is read by others only', async () => {
    const { wrapper } = await section({ channels: () => channels({ may_set: false }) })
    expect(wrapper.find('form').exists()).toBe(false)
    expect(wrapper.get('[data-channel=hotline]').text()).toContain('每 5 个工作日')
    expect(wrapper.get('[data-channel=visit]').text()).toContain('不检查')
  })
})
