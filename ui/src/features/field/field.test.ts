// Guards the technician's sheet, the calendar, and the small things that must not be off by one.
import { flushPromises } from '@vue/test-utils'
import { describe, expect, it, vi } from 'vitest'
import type { FieldDesk, ServiceRow, ServiceView } from '@/bridge/generated/types'
import { codes, desk as session, press } from '@/parts/testing'
import SignaturePad from '@/parts/SignaturePad.vue'
import { desktop, show } from '@/shell/testing'
import { useSession } from '@/shell/session'
import { useShared } from '@/shell/shared'
import shippedCodes from '../../../../crates/domain/templates/service_codes.json'
import shipped from '../../../../crates/domain/templates/service.json'
import { useFieldDesk } from './desk'
import { fen, whole } from './money'
import { fitted } from './photo'
import SignedList from './SignedList.vue'
import SignPanel from './SignPanel.vue'
import TouchSheet from './TouchSheet.vue'
import { useVisit } from './useVisit'
import VisitCalendar from './VisitCalendar.vue'
import { dayName, dayOf, monday, onDay, weekFrom } from './week'

const ZHOU = '22222222-2222-7222-8222-222222222222'
const WU = '33333333-3333-7333-8333-333333333333'
const usual = { lw: 3, by: 'intake', required: false, boxes: false, rows: 1, columns: [] }
const template = {
  ...shipped,
  blocks: shipped.blocks.map((block) => ({
    ...block,
    rows: block.rows.map((row) => row.map((field) => ({ ...usual, ...field }))),
  })),
}
const fieldDesk = {
  template,
  codes: { ...codes, ...shippedCodes },
  technicians: [
    { id: ZHOU, name: '周工', department: '维修部', crew: { skills: [], districts: [] } },
    { id: WU, name: '吴工', department: '维修部', crew: { skills: [], districts: [] } },
  ],
  dispatches: true,
  goes_out: true,
} as unknown as FieldDesk

const row = (over: Partial<ServiceRow>): ServiceRow => ({
  id: 'a',
  number: 'FW-20261112-A03-0001',
  state: 'dispatched',
  type: 'repair',
  urgency: 'normal',
  from: '',
  until: '',
  engineer_seat: ZHOU,
  engineer: '周工',
  customer: '陈秀英',
  phone: '138 0013 8021',
  address: '良渚街道',
  product: '燃气热水器',
  form: '',
  warnings: [],
  void: 0,
  masked: false,
  ...over,
})

const view = (over: Partial<ServiceView>): ServiceView =>
  ({
    id: 'a',
    number: 'FW-20261112-A03-0001',
    state: 'dispatched',
    values: { 'customer.name': '陈秀英', measures: '换点火针', result: 'ok', engineer: '周工' },
    parts: [],
    photos: [],
    costs: { materials: 0, labour: 6000, travel: 3000, total: 9000, payable: 9000 },
    signatures: ['technician', 'customer'].map((party) => ({
      party,
      standing: 'missing',
      name: '',
      at: '',
      path: '',
      declined: '',
      reason: '',
      given: 0,
    })),
    acts: ['accept', 'set_out', 'arrive', 'print'],
    warnings: [],
    conflicts: [],
    form: null,
    follow_up: null,
    history: [],
    warranty: { code: 'in' },
    installations: [],
    copies: 0,
    masked: false,
    ...over,
  }) as ServiceView

async function visitOf(shown: ServiceView) {
  const visit = useVisit()
  useFieldDesk().desk = fieldDesk
  useSession().desk = session
  visit.view.value = shown
  return visit
}

describe('money and days', () => {
  it('reads yuan into fen without fractions', () => {
    const cases = {
      '12': 1200,
      '12.5': 1250,
      '0.07': 7,
      '８９．９０': 8990,
      '19.99': 1999,
      '1.005': undefined,
      '-1': undefined,
      x: undefined,
    }
    for (const [typed, expected] of Object.entries(cases)) expect(fen(typed), typed).toBe(expected)
    expect([whole('40'), whole('４０'), whole('4.5'), whole('')]).toEqual([40, 40, undefined, undefined])
  })

  it('counts weeks from Monday and keeps the time of the day', () => {
    const days = weekFrom(monday(new Date(2026, 10, 15, 23)))
    expect([days[0], days[6]]).toEqual(['2026-11-09', '2026-11-15'])
    expect(dayOf(monday(new Date(2026, 10, 9)))).toBe('2026-11-09')
    expect(dayName('2026-11-12')).toBe('11-12 周四')
    expect(onDay('2026-11-12T14:30:00+08:00', '2026-11-20')).toBe('2026-11-20T14:30:00+08:00')
  })

  it('fits photos into 1600 pixels', () => {
    expect(fitted(4000, 3000)).toEqual([1600, 1200])
    expect(fitted(3000, 4000)).toEqual([1200, 1600])
    expect(fitted(1600, 10)).toEqual([1600, 10])
    expect(fitted(9000, 1)).toEqual([1600, 1])
  })
})

describe('the signature', () => {
  it('is a path of lines in its field', async () => {
    let path = ''
    const { wrapper } = await show(SignaturePad, {
      props: { label: '签名', modelValue: path, 'onUpdate:modelValue': (next: string) => void (path = next) },
    })
    const field = wrapper.get('svg')
    vi.spyOn(field.element, 'getBoundingClientRect').mockReturnValue({
      left: 10,
      top: 20,
      width: 300,
      height: 100,
    } as DOMRect)
    const draw = async (kind: string, x: number, y: number, pointerId = 1) => {
      await field.trigger(kind, { clientX: x, clientY: y, pointerId, button: 0 })
      await wrapper.setProps({ modelValue: path })
    }
    await draw('pointerdown', 10, 20)
    await draw('pointermove', 160, 70)
    await draw('pointermove', 400, 500)
    await draw('pointermove', 20, 20, 2)
    await draw('pointerup', 400, 500)
    await draw('pointermove', 20, 20)
    expect(path).toBe('M0 0L300 100L600 200')
  })

  it('that a change voided says so and is asked for again', async () => {
    const shown = view({ acts: ['sign', 'fill', 'print'], values: { 'rating.overall': 'satisfied' } })
    shown.signatures[1] = {
      ...shown.signatures[1]!,
      standing: 'void',
      name: '陈秀英',
      at: '2026-11-12T10:00:00+08:00',
      given: 1,
    }
    const { wrapper } = await show(SignPanel, { props: { visit: await visitOf(shown) } })
    expect(wrapper.get('[data-party="customer"]').text()).toContain('已失效')
    expect(wrapper.find('[data-act="sign-customer"]').text()).toBe('重新签名')
    expect(wrapper.text()).toContain('满意')
  })
})

describe('the sheet in the field', () => {
  it('takes each time by one tap', async () => {
    const calls = desktop({
      service_act: ({ act }: { act: string }) =>
        view({
          acts: act === 'accept' ? ['set_out', 'arrive', 'fill'] : ['arrive', 'fill'],
          values: {
            'times.accepted': '2026-11-12T08:10:00+08:00',
            ...(act === 'set_out' ? { 'times.set_out': '2026-11-12T08:20:00+08:00' } : {}),
          },
        }),
    })
    const { wrapper } = await show(TouchSheet, { props: { visit: await visitOf(view({})) } })
    for (const act of ['accept', 'set_out']) {
      await wrapper.get(`.tap[data-act="${act}"]`).trigger('click')
      await flushPromises()
    }
    expect(
      calls
        .filter((call) => call.name === 'service_act')
        .map((call) => (call.request as { act: string }).act),
    ).toEqual(['accept', 'set_out'])
    expect(wrapper.find('.tap').attributes('data-act')).toBe('arrive')
    expect(wrapper.get('.times').text()).toContain('08:20')
  })

  it('sends money as fen, and says in words what is refused', async () => {
    const calls = desktop({
      service_act: () => {
        throw { code: 'invalid_fields', fields: [{ field: 'cost.travel', problem: 'out_of_range' }] }
      },
    })
    const { wrapper } = await show(TouchSheet, { props: { visit: await visitOf(view({ acts: ['fill'] })) } })
    await wrapper.get('[data-tab="parts"]').trigger('click')
    const travel = wrapper.get('[data-field="cost.travel"]')
    await travel.setValue('30.50')
    await travel.trigger('blur')
    await flushPromises()
    expect(calls.at(-1)?.request).toMatchObject({ act: 'fill', values: { 'cost.travel': 3050 } })
    expect(wrapper.get('[role="alert"]').text()).toContain('交通费')
    expect(wrapper.get('[data-sum="payable"]').text()).toContain('90.00')
  })
})

describe('the sheet at the office', () => {
  it('shows the ink of both signatures, and which one holds no longer', async () => {
    const [technician, customer] = view({}).signatures
    const signed = { name: '周工', at: '2026-11-12T10:00:00+08:00', given: 1, path: 'M0 0L9 9' }
    const signatures = [
      { ...technician!, ...signed, standing: 'valid' as const },
      { ...customer!, ...signed, standing: 'void' as const },
    ]
    const { wrapper } = await show(SignedList, { props: { signatures } })
    expect(wrapper.findAll('svg path').map((path) => path.attributes('d'))).toEqual(['M0 0L9 9', 'M0 0L9 9'])
    expect(wrapper.get('[data-party="technician"]').text()).toContain('有效')
    expect(wrapper.get('[data-party="customer"]').text()).toContain('已失效')
  })
})

describe('what another machine did', () => {
  it('stands on the sheet that is open', async () => {
    desktop({ service: () => view({ values: { measures: '更换点火针' } }) })
    const visit = await visitOf(view({}))
    visit.look()
    await flushPromises()
    expect(visit.view.value?.values['measures']).toBe('更换点火针')
  })

  it('stands in the calendar', async () => {
    const calls = desktop({ services: () => [] })
    useFieldDesk().desk = fieldDesk
    const { wrapper } = await show(VisitCalendar, { props: { desk: fieldDesk } })
    await flushPromises()
    const asked = () => calls.filter((call) => call.name === 'services').length
    const before = asked()
    useShared().moved++
    await flushPromises()
    expect(asked()).toBe(before + 2)
    wrapper.unmount()
  })
})

describe('the calendar', () => {
  it('moves a visit by drag and by keyboard', async () => {
    const today = dayOf(new Date())
    const visit = row({
      from: `${today}T09:00:00+08:00`,
      until: `${today}T10:30:00+08:00`,
      warnings: [{ code: 'day_off' }],
    })
    const calls = desktop({
      services: ({ open }: { open: boolean }) => (open ? [] : [visit]),
      service_act: () => view({}),
    })
    useFieldDesk().desk = fieldDesk
    const { wrapper } = await show(VisitCalendar, { props: { desk: fieldDesk } })
    await flushPromises()
    const card = wrapper.get(`[data-cell="周工 ${today}"] [data-visit]`)
    expect(card.text()).toContain('非工作日')
    await card.trigger('dragstart')
    await wrapper.get(`[data-cell="吴工 ${today}"]`).trigger('drop')
    await flushPromises()
    const moved = calls.filter((call) => call.name === 'service_act').map((call) => call.request)
    expect(moved[0]).toMatchObject({
      act: 'move',
      values: { engineer_seat: WU, 'planned.from': visit.from, 'planned.until': visit.until },
    })
    press(wrapper.get('[data-visit]').element, 'ArrowUp', { altKey: true })
    await flushPromises()
    expect(calls.filter((call) => call.name === 'service_act').at(-1)?.request).toMatchObject({
      values: { engineer_seat: null, engineer: null },
    })
  })
})
