// Guards the editors of return visits: the questionnaire, whose answers are kept under its codes, and when visits arise.
import { flushPromises, mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Questionnaire, VisitRules } from '@/bridge/generated/types'
import { i18n } from '@/locales'
import { useSession } from '@/shell/session'
import { desktop, show } from '@/shell/testing'
import { optionsOf, wrongIn } from './questions'
import QuestionsSection from './QuestionsSection.vue'
import RuleVisits from './RuleVisits.vue'

const option = (code: string, label: string) => ({ code, label, initials: '' })
const set = (): Questionnaire => ({
  id: 'visit',
  version: 1,
  title: '客户回访问卷',
  questions: [
    {
      key: 'solved',
      label: '是否解决',
      kind: 'choice',
      ask: '解决了吗？',
      required: true,
      options: [option('yes', '是'), option('no', '否')],
    },
    {
      key: 'overall',
      label: '总体满意度',
      kind: 'choice',
      ask: '',
      required: true,
      options: [option('dissatisfied', '不满意'), option('very_dissatisfied', '很不满意')],
    },
    { key: 'suggestion', label: '建议', kind: 'text', ask: '', required: false },
  ],
})
const codes = {
  visit_type: {
    version: 1,
    label: '回访类型',
    items: [option('after_consult', '咨询后'), option('survey', '季度')],
  },
}
let away = () => {}
afterEach(() => away())

describe('options as lines', () => {
  const [solved] = set().questions
  it.each([
    ['是\n否', ['yes', 'no'], 'stay what they are'],
    ['否\n是', ['no', 'yes'], 'keep their codes in another order'],
    ['是的\n否', ['yes', 'no'], 'keep them where they are only named otherwise'],
    [
      ' 是 \n\n 否\n部分',
      ['yes', 'no', expect.stringMatching(/^o_/)],
      'get a code of their own where they are new',
    ],
    ['是', ['yes'], 'may go'],
  ])('%j: %j, they %s', (typed, wanted) =>
    expect(optionsOf(solved!, typed)?.map((one) => one.code)).toEqual(wanted),
  )

  it('from which something follows must not be lost', () => {
    const lost = set()
    lost.questions[0]!.options = [option('yes', '是'), option('partly', '部分')]
    expect(wrongIn(lost)).toEqual({ 'questions[0].options': 'questions.fault.lost' })
    expect(wrongIn(set())).toEqual({})
  })
})

describe('the questionnaire', () => {
  async function section(roles: string[]) {
    const calls = desktop({
      questionnaires: { current: set(), versions: [set()] },
      save_questionnaire: (sent: Questionnaire) => ({
        current: { ...sent, version: 2 },
        versions: [],
      }),
    })
    useSession().desk = { seat: '1', roles, member: '周敏', template: { blocks: [] }, codes } as never
    const { wrapper } = await show(QuestionsSection)
    away = () => wrapper.unmount()
    await flushPromises()
    return { calls, wrapper }
  }

  it('is only read by who supervises nothing', async () => {
    const { wrapper } = await section(['reception'])
    expect(wrapper.findAll('[data-question]').map((one) => one.find('b').text())).toEqual([
      '是否解决必答',
      '总体满意度必答',
      '建议',
    ])
    expect(wrapper.find('[data-act=edit-questions]').exists()).toBe(false)
  })

  it('is saved as a new version once nothing is missing', async () => {
    const { calls, wrapper } = await section(['supervisor'])
    await wrapper.get('[data-act=edit-questions]').trigger('click')
    expect(wrapper.get('[data-question=solved] [data-act=remove-question]').attributes('disabled')).toBe('')
    await wrapper.get('[data-act=add-question]').trigger('click')
    await wrapper.get('form').trigger('submit')
    expect(wrapper.get('[role=alert].fault').text()).toContain('1 处')
    expect(calls.filter(({ name }) => name === 'save_questionnaire')).toEqual([])
    const added = wrapper.findAll('fieldset').at(-1)!
    await added.get('[data-field$=".label"]').setValue('上门准时')
    await added.get('[data-code=survey]').setValue(true)
    await added.get('[data-act=up]').trigger('click')
    await wrapper.get('form').trigger('submit')
    await flushPromises()
    const sent = calls.find(({ name }) => name === 'save_questionnaire')?.request as Questionnaire
    expect(sent.questions.map((one) => one.label)).toEqual(['是否解决', '总体满意度', '上门准时', '建议'])
    expect(sent.questions[2]).toMatchObject({ kind: 'score', occasions: ['survey'] })
    expect(wrapper.text()).toContain('第 2 版')
  })
})

describe('when visits arise', () => {
  beforeEach(() => setActivePinia(createPinia()))

  it('is a list whose order counts', async () => {
    useSession().desk = { seat: '1', roles: [], member: '', template: { blocks: [] }, codes } as never
    const rules: VisitRules = {
      arise: [
        { when: { kinds: ['consult'] }, occasion: 'after_consult', working_days: 1 },
        { when: {}, occasion: 'survey', working_days: 3 },
      ],
      tries: 3,
      survey_days: 10,
    }
    const wrapper = mount(RuleVisits, { props: { modelValue: rules }, global: { plugins: [i18n] } })
    const last = () => wrapper.emitted('update:modelValue')?.at(-1)?.[0] as VisitRules
    await wrapper.get('[data-arise="0"] [data-act=down]').trigger('click')
    expect(last().arise.map((one) => one.occasion)).toEqual(['survey', 'after_consult'])
    await wrapper.get('[data-arise="0"] [data-part=working_days]').setValue('0')
    expect(last().arise[0]!.working_days).toBe(1)
    await wrapper.get('[data-part=tries]').setValue('4')
    expect(last()).toMatchObject({ tries: 4, survey_days: 10 })
    await wrapper.get('[data-arise="1"] [data-act=remove-arise]').trigger('click')
    expect(last().arise).toHaveLength(1)
    wrapper.unmount()
  })
})
