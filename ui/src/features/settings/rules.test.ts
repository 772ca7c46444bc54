// Guards the settings of rules, scripts and notifications: what is sent, what is refused beside its place.
import { flushPromises } from '@vue/test-utils'
import { beforeEach, describe, expect, it } from 'vitest'
import type { RuleSet, RulesView, Script } from '@/bridge/generated/types'
import { desk } from '@/parts/testing'
import { useSession } from '@/shell/session'
import { desktop, show, type Called } from '@/shell/testing'
import s1 from '../../../../crates/domain/src/rules/presets/s1.json'
import s2 from '../../../../crates/domain/src/rules/presets/s2.json'
import s3 from '../../../../crates/domain/src/rules/presets/s3.json'
import s4 from '../../../../crates/domain/src/rules/presets/s4.json'
import statutory from '../../../../crates/domain/src/rules/presets/statutory.json'
import library from '../../../../crates/domain/src/scripts/library.json'
import NotificationsSection from './NotificationsSection.vue'
import RulesSection from './RulesSection.vue'
import { faultAt, faultsOf, hoursOf, limitOf, limitParts, limitWords, whole, wordOf } from './rules'
import ScriptsSection from './ScriptsSection.vue'
import { filledIn, samples } from './scripts'

const usual = {
  routing: [],
  escalation: [],
  marks: { undispatched_minutes: 15, unaccepted_minutes: 30, duplicate_days: 30, rings: 3 },
  required: {},
} as unknown as RuleSet
const preset = (set: unknown): RuleSet => ({
  ...whole(JSON.parse(JSON.stringify(set)) as RuleSet, usual),
  approver: '张经理',
})
const view = (more: Partial<RulesView> = {}): RulesView => ({
  sets: [preset(s3), preset(statutory)],
  in_force: ['s3', 1],
  presets: [
    { id: 's1', name: '两小时响应' },
    { id: 's4', name: '三声接听' },
  ],
  years: [2026],
  ...more,
})
const requests = <T>(calls: Called[], name: string) =>
  calls.filter((call) => call.name === name).map((call) => call.request as T)

async function rules(answers: Record<string, unknown> = {}) {
  const calls = desktop({ rules: view(), ...answers })
  const { wrapper } = await show(RulesSection)
  await flushPromises()
  const press = async (css: string) => {
    await wrapper.get(css).trigger('click')
    await flushPromises()
  }
  const send = async (css: string) => {
    await wrapper.get(css).trigger('submit')
    await flushPromises()
  }
  return { calls, wrapper, press, send }
}

beforeEach(() => {
  useSession().desk = { ...desk, roles: ['admin'] } as never
})

describe('limits and hours', () => {
  it.each([
    [{ natural_minutes: 120 }, '120 分钟，不分昼夜'],
    [{ working_days: 2 }, '2 个工作日'],
    ['same_day', '当日'],
    [{ field: 'reply_by' }, '表上的约定答复时间'],
    [{ field: 'handling.promised_at' }, '表上的承诺完成时间'],
    [{ moons: 3 }, '新版本的单位'],
  ])('%o reads as %s and survives being taken apart', (limit, words) => {
    expect(limitWords(limit)).toBe(words)
    const { unit, amount, field } = limitParts(limit)
    if (unit) expect(limitOf(unit, amount, field)).toEqual(limit)
  })

  it('takes hours as people type them', () => {
    expect(hoursOf('８:30 - 12:00、13:00–17:30')).toEqual(['08:30-12:00', '13:00-17:30'])
    expect(hoursOf(' ')).toEqual([])
  })
})

describe('faults of a rule set', () => {
  it('are none in what ships, and every word of it is known', () => {
    for (const set of [s1, s2, s3, s4, statutory].map(preset)) {
      expect(faultsOf(set)).toEqual([])
      for (const clock of set.clocks) {
        expect(limitParts(clock.limit).unit).not.toBe('')
        for (const code of [clock.starts, ...clock.stops]) expect(wordOf('event', code)).not.toBe(code)
        expect(wordOf('kind', clock.kind)).not.toBe(clock.kind)
      }
    }
  })

  it('are named with their place', () => {
    const set = preset(s3)
    set.clocks[0]!.name = ' '
    set.clocks[1]!.limit = { working_days: 0 }
    set.calendars.default.week.mon = ['9点-12点']
    set.escalation = [{ roles: ['supervisor'] }, { percent: 50, roles: [] }]
    set.routing.push({ when: {}, hours: 'any', department: '' })
    const faults = faultsOf(set)
    expect(faultAt(faults, 'clocks[0].name')).toBe('请填写')
    expect(faultAt(faults, 'clocks[1].limit')).toBe('须大于零')
    expect(faultAt(faults, 'calendars.default')).toContain('08:30-12:00')
    expect(faultAt(faults, 'escalation')).toContain('逐级增大')
    expect(faultAt(faults, 'routing[3]')).toBe('请填写')
    expect(faultAt(faults, 'clocks[0].limit')).toBe('')
    expect(faultAt([{ field: 'clocks[11].name', problem: 'required' }], 'clocks[1]')).toBe('')
  })
})

describe('rules in the settings', () => {
  it('show every version and which is in force', async () => {
    const { wrapper } = await rules()
    expect(wrapper.get('[data-set="s3#1"]').text()).toContain('现行')
    expect(wrapper.get('[data-set="statutory#1"]').text()).toContain('法定')
    expect(wrapper.get('[data-part=years]').text()).toBe('2026')
  })

  it('adopt a preset only with a day and who approved it', async () => {
    const { calls, wrapper, press, send } = await rules({ adopt_preset: view() })
    await press('[data-act=open-adopt]')
    await wrapper.get('[data-field="adopt.preset"]').setValue('s1')
    await send('[data-part=adopt]')
    expect(requests(calls, 'adopt_preset')).toEqual([])
    expect(wrapper.get('[data-error="adopt.approver"]').text()).toBe('请填写')
    await wrapper.get('[data-field="adopt.from"]').setValue('2026-12-01')
    await wrapper.get('[data-field="adopt.approver"]').setValue(' 张经理 ')
    await send('[data-part=adopt]')
    expect(requests(calls, 'adopt_preset')).toEqual([
      { preset: 's1', effective_from: '2026-12-01', approver: '张经理' },
    ])
    expect(wrapper.find('[data-part=adopt]').exists()).toBe(false)
  })

  it('send a changed set whole, what was not touched as it was', async () => {
    const { calls, wrapper, press, send } = await rules({ save_rules: view() })
    await press('[data-set="s3#1"] [data-act=edit-rules]')
    const clock = '[data-clock=answer]'
    await wrapper.get(`${clock} [data-part=name]`).setValue('咨询当日答复')
    await wrapper.get(`${clock} [data-part=amount]`).setValue('3')
    await wrapper.get(`${clock} [data-field=stops] [data-code=informed]`).trigger('change')
    await press('[data-part-pick=calendars]')
    await wrapper.get('[data-calendar=default] [data-part=sat]').setValue('9:00-12:00')
    await press('[data-part-pick=bounds]')
    await wrapper.get('[data-mark=undispatched_minutes]').setValue('20')
    await send('[data-part=rules]')
    const expected = preset(s3)
    expected.clocks[0] = {
      ...expected.clocks[0]!,
      name: '咨询当日答复',
      limit: { working_days: 3 },
      stops: ['answered', 'settled'],
    }
    expected.calendars.default.week.sat = ['09:00-12:00']
    expected.marks.undispatched_minutes = 20
    expect(requests(calls, 'save_rules')).toEqual([{ set: expected }])
    expect(wrapper.find('[data-part=rules]').exists()).toBe(false)
  })

  it('are not sent while something stands in the way, and lead to the place', async () => {
    const { calls, wrapper, press, send } = await rules({ save_rules: view() })
    await press('[data-set="s3#1"] [data-act=edit-rules]')
    await press('[data-part-pick=calendars]')
    await wrapper.get('[data-calendar=default] [data-part=mon]').setValue('上午')
    await press('[data-part-pick=clocks]')
    await send('[data-part=rules]')
    expect(requests(calls, 'save_rules')).toEqual([])
    expect(wrapper.get('[data-fault="calendars.default"]').text()).toContain('全公司')
  })

  it('show what the desk refuses beside its place', async () => {
    const refuse = () => {
      throw {
        code: 'invalid_fields',
        fields: [{ field: 'clocks[1].when.kinds: x', problem: 'unknown_option' }],
      }
    }
    const { wrapper, press, send } = await rules({ save_rules: refuse })
    await press('[data-set="s3#1"] [data-act=edit-rules]')
    await send('[data-part=rules]')
    expect(wrapper.get('[data-fault="clocks[1].when"]').text()).toContain('表上没有的选项')
    expect(wrapper.find('[data-part=rules]').exists()).toBe(true)
  })

  it('can be taken from text, and are left alone where it cannot be read', async () => {
    const { calls, wrapper, press, send } = await rules({ save_rules: view() })
    await press('[data-set="s3#1"] [data-act=edit-rules]')
    await press('[data-part-pick=json]')
    await wrapper.get('[data-field="rules.json"]').setValue('{"clocks":')
    await wrapper.get('[data-field="rules.json"]').trigger('change')
    expect(wrapper.get('[role=alert]').text()).toContain('未作改动')
    await wrapper.get('[data-field="rules.json"]').setValue(JSON.stringify({ ...s1, approver: '张经理' }))
    await wrapper.get('[data-field="rules.json"]').trigger('change')
    await send('[data-part=rules]')
    const [sent] = requests<{ set: RuleSet }>(calls, 'save_rules')
    expect(sent!.set.id).toBe('s3')
    expect(sent!.set.clocks).toEqual(preset(s1).clocks)
  })

  it('import a year from pasted text, and say why one is refused', async () => {
    let bad = true
    const { calls, wrapper, press, send } = await rules({
      import_years: () => {
        if (bad) throw { code: 'invalid_fields', fields: [{ field: 'off[0]', problem: 'not_a_date' }] }
        return view({ years: [2026, 2027] })
      },
    })
    await press('[data-act=open-years]')
    await wrapper.get('[data-field="years.text"]').setValue('{"year":2027,"off":["01-01"]}')
    await send('[data-part=import-years]')
    expect(wrapper.get('[data-fault=years]').text()).toMatch(/off\[0\].*不是有效的日期/)
    bad = false
    await send('[data-part=import-years]')
    expect(requests(calls, 'import_years')[1]).toEqual({ text: '{"year":2027,"off":["01-01"]}' })
    expect(wrapper.get('[data-part=years]').text()).toBe('2026、2027')
  })

  it('are only looked at by whoever may not change them', async () => {
    useSession().desk = { ...desk, roles: ['reception'] } as never
    const { wrapper, press } = await rules()
    expect(wrapper.find('[data-act=open-adopt]').exists()).toBe(false)
    expect(wrapper.find('[data-act=edit-rules]').exists()).toBe(false)
    await press('[data-set="s3#1"] [data-act=view-rules]')
    expect(wrapper.find('[data-act=save-rules]').exists()).toBe(false)
    expect(wrapper.get('[data-clock=answer] [data-part=name]').attributes('disabled')).toBeDefined()
  })
})

describe('scripts in the settings', () => {
  const shipped = (library.entries as unknown as Script[]).map((script) => ({
    ...script,
    do_not_say: script.do_not_say ?? [],
    steps: script.steps ?? [],
  }))

  it('fill placeholders of a preview, leave gaps and other braces', () => {
    const known = samples({ ...desk, department: '' } as never)
    expect(filledIn('{公司名}{部门}，{姓}{称谓}{怪}', known)).toBe(
      '杭州云栖电器服务有限公司〔部门〕，陈女士{怪}',
    )
  })

  it('are edited as they are written, steps with their seconds', async () => {
    const calls = desktop({
      scripts: { scripts: shipped, suggested: [] },
      save_script: { scripts: [], suggested: [] },
    })
    const { wrapper } = await show(ScriptsSection)
    await flushPromises()
    expect(requests(calls, 'scripts')[0]).toMatchObject({ raw: true })
    await wrapper.get('[data-script=silent] [data-act=edit-script]').trigger('click')
    await wrapper.get('[data-field="script.say"]').setValue('您好，{公司名}，请讲。\n\n')
    await wrapper.get('[data-step="0"] [data-part=seconds]').setValue('8')
    expect(wrapper.get('[data-part=preview]').text()).toContain('您好，杭州云栖电器服务有限公司，请讲。')
    await wrapper.get('[data-part=script]').trigger('submit')
    await flushPromises()
    const [saved] = requests<Script>(calls, 'save_script')
    const before = shipped.find((script) => script.id === 'silent')!
    expect(saved).toMatchObject({
      id: 'silent',
      say: ['您好，{公司名}，请讲。'],
      do_not_say: before.do_not_say,
    })
    expect(saved!.steps.map((step) => step.seconds)).toEqual([8, 5, 5, undefined])
    expect(saved!.when).toEqual(before.when)
  })

  it('cannot be saved without a name, a group and something to say', async () => {
    const calls = desktop({ scripts: { scripts: shipped, suggested: [] } })
    const { wrapper } = await show(ScriptsSection)
    await flushPromises()
    await wrapper.get('[data-act=add-script]').trigger('click')
    await wrapper.get('[data-part=script]').trigger('submit')
    expect(requests(calls, 'save_script')).toEqual([])
    expect(wrapper.findAll('[data-error]')).toHaveLength(3)
  })
})

describe('notifications', () => {
  it('are switched off, and quiet hours kept only whole', async () => {
    const calls = desktop({ save_preferences: null })
    const { wrapper } = await show(NotificationsSection)
    await wrapper.get('[data-field=quiet_from]').setValue('22:00')
    await flushPromises()
    expect(requests(calls, 'save_preferences')).toEqual([])
    await wrapper.get('[data-field=quiet_to]').setValue('25:00')
    await flushPromises()
    expect(requests(calls, 'save_preferences')).toEqual([])
    await wrapper.get('[data-field=quiet_to]').setValue('7：00')
    await flushPromises()
    expect(requests(calls, 'save_preferences')[0]).toMatchObject({ quiet_from: '22:00', quiet_to: '07:00' })
    await wrapper.get('[data-value=off]').trigger('click')
    await flushPromises()
    expect(requests(calls, 'save_preferences')[1]).toMatchObject({ notifications: false })
    expect(wrapper.get('[data-field=quiet_from]').attributes('disabled')).toBeDefined()
  })
})
