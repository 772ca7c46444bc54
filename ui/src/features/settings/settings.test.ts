// Guards the settings: what acts at once, the own fields, the secrets, the integrity check.
import { flushPromises } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'
import type { CustomField, Template } from '@/bridge/generated/types'
import { useSession } from '@/shell/session'
import { desktop, show, type Called } from '@/shell/testing'
import DataSection from './DataSection.vue'
import FieldsSection from './FieldsSection.vue'
import LookSection from './LookSection.vue'
import { newField, openBlocks, optionsOf, previewOf, wrongParts } from './ownFields'
import PassphraseCard from './PassphraseCard.vue'
import SettingsPage from './SettingsPage.vue'
import RecoveryCard from './RecoveryCard.vue'

const own = (key: string, label: string, more: Partial<CustomField> = {}): CustomField => ({
  ...newField('request'),
  key,
  label,
  ...more,
})
const template = {
  title: '客服登记表',
  version: 1,
  blocks: [
    {
      key: 'request',
      label: '诉求',
      rows: [[{ key: 'kind', label: '类别', kind: 'choice' }], [{ key: 'x.1', label: '门店', kind: 'text' }]],
    },
    { key: 'sign', label: '签署', rows: [[{ key: 'sign.customer', label: '客户', kind: 'signature' }]] },
  ],
} as unknown as Template
const desk = {
  template,
  codes: {},
  roles: ['admin'],
  recovery_confirmed: true,
  company: '示例公司',
  device_code: 'A03',
}
const requests = (calls: Called[], name: string) =>
  calls.filter((call) => call.name === name).map((call) => call.request)

describe('own fields', () => {
  it('take options one a line', () => expect(optionsOf(' 普通\n\n银卡\n普通 \n')).toEqual(['普通', '银卡']))

  it('cannot be without a name, share one, or offer a single option', () => {
    const others = [own('x.1', '门店')]
    expect(wrongParts(own('', ' '), others)).toHaveProperty('label')
    expect(wrongParts(own('', '门店'), others)).toHaveProperty('label')
    expect(wrongParts(own('x.1', '门店'), others)).toEqual({})
    expect(wrongParts(own('', '等级', { kind: 'choice', options: ['普通'] }), others)).toHaveProperty(
      'options',
    )
  })

  it('never stand among the signatures', () =>
    expect(openBlocks(template).map((block) => block.key)).toEqual(['request']))

  it('show their place while being edited, retired ones left out', () => {
    const others = [own('x.1', '门店'), own('x.2', '旧栏目', { retired: true }), own('x.3', '工单号')]
    const labels = (edited: CustomField) => previewOf(template, others, edited).map((line) => line.label)
    expect(labels(own('', '新栏目'))).toEqual(['类别', '门店', '工单号', '新栏目'])
    expect(labels(own('x.1', '购买门店'))).toEqual(['类别', '购买门店', '工单号'])
  })

  it('are added, and retired instead of deleted', async () => {
    let kept = [own('x.1', '门店')]
    const calls = desktop({
      custom_fields: () => ({ fields: kept }),
      save_custom_field: ({ field }: { field: CustomField }) => {
        kept = [...kept.filter((one) => one.key !== field.key), { ...field, key: field.key || 'x.2' }]
        return desk
      },
    })
    useSession().desk = desk as never
    const { wrapper } = await show(FieldsSection)
    await flushPromises()
    await wrapper.get('[data-act="add-field"]').trigger('click')
    await wrapper.get('[data-field="own.label"]').setValue(' 会员等级 ')
    await wrapper.get('[data-field="own.kind"]').setValue('choice')
    await wrapper.get('[data-field="own.options"]').setValue('普通\n银卡')
    await wrapper.get('form').trigger('submit')
    await flushPromises()
    expect(requests(calls, 'save_custom_field')[0]).toEqual({
      field: own('', '会员等级', { kind: 'choice', options: ['普通', '银卡'] }),
    })
    await wrapper.get('[data-own-field="门店"] [data-act="retire-field"]').trigger('click')
    await flushPromises()
    expect(requests(calls, 'save_custom_field')[1]).toEqual({ field: own('x.1', '门店', { retired: true }) })
    expect(wrapper.get('[data-own-field="门店"]').text()).toContain('已停用')
  })
})

describe('look and habits', () => {
  it('act and are kept at once', async () => {
    const calls = desktop({ save_preferences: null, 'plugin:webview|set_webview_zoom': null })
    const { wrapper } = await show(LookSection)
    await wrapper.get('[data-value="dark"]').trigger('click')
    expect(document.documentElement.dataset.theme).toBe('dark')
    await wrapper.get('[data-value="125"]').trigger('click')
    await wrapper.get('[data-field="idle_minutes"]').setValue('30')
    await wrapper.get('[data-field="printer"]').setValue(' 前台 ')
    await flushPromises()
    expect(requests(calls, 'save_preferences').at(-1)).toMatchObject({
      theme: 'dark',
      scale: 125,
      idle_minutes: 30,
      printer: '前台',
    })
    const zooms = calls.filter(({ name }) => name.includes('zoom'))
    expect(zooms.length).toBeGreaterThan(0)
  })

  it('scales by the style sheet where the webview refuses', async () => {
    desktop({ save_preferences: null })
    const { wrapper } = await show(LookSection)
    await wrapper.get('[data-value="150"]').trigger('click')
    await flushPromises()
    expect(document.documentElement.style.getPropertyValue('zoom')).toBe('1.5')
  })
})

describe('secrets', () => {
  it('a new passphrase is sent only when it is long enough and typed twice', async () => {
    const calls = desktop({ change_passphrase: null })
    const { wrapper } = await show(PassphraseCard)
    const type = (field: string, value: string) => wrapper.get(`[data-field="${field}"]`).setValue(value)
    await type('passphrase', '旧的口令')
    await type('new_passphrase', '新的口令有八个字')
    await type('again', '新的口令有八个')
    await wrapper.get('form').trigger('submit')
    expect(calls).toEqual([])
    await type('again', '新的口令有八个字')
    await wrapper.get('form').trigger('submit')
    await flushPromises()
    expect(requests(calls, 'change_passphrase')).toEqual([
      { passphrase: '旧的口令', new_passphrase: '新的口令有八个字' },
    ])
    expect((wrapper.get('[data-field="passphrase"]').element as HTMLInputElement).value).toBe('')
  })

  it('a renewed recovery code takes the window and counts as unconfirmed', async () => {
    desktop({ renew_recovery: { recovery_code: 'AAAAA-BBBBB' } })
    const session = useSession()
    session.desk = desk as never
    const { wrapper } = await show(RecoveryCard)
    await wrapper.get('[data-field="recovery_passphrase"]').setValue('口令')
    await wrapper.get('form').trigger('submit')
    await flushPromises()
    expect(session.shownCode).toEqual({ code: 'AAAAA-BBBBB' })
    expect(useSession().desk).toMatchObject({ recovery_confirmed: false })
  })
})

describe('the integrity check', () => {
  it.each([
    [{ changes: 1204, records: 237, problems: [] }, '数据完好', 0],
    [{ changes: 1204, records: 237, problems: ['第 8 条变更缺失'] }, '发现 1 处问题', 1],
  ])('reports %o', async (report, words, problems) => {
    desktop({ verify: report })
    useSession().desk = desk as never
    const { wrapper } = await show(DataSection)
    await wrapper.get('[data-act="verify"]').trigger('click')
    await flushPromises()
    expect(wrapper.get('[data-report]').text()).toContain(words)
    expect(wrapper.get('[data-report]').text()).toContain('1,204')
    expect(wrapper.findAll('.problems li')).toHaveLength(problems)
  })
})

describe('the page', () => {
  it('moves between its sections by arrow', async () => {
    desktop({ custom_fields: { fields: [] } })
    useSession().desk = desk as never
    const { wrapper } = await show(SettingsPage)
    expect(wrapper.get('[aria-selected="true"]').attributes('data-section')).toBe('look')
    await wrapper.get('[role="tablist"]').trigger('keydown', { key: 'ArrowLeft' })
    await flushPromises()
    expect(wrapper.get('[aria-selected="true"]').attributes('data-section')).toBe('data')
    expect((document.activeElement as HTMLElement).dataset.section).toBe('data')
    expect(wrapper.find('[data-act="verify"]').exists()).toBe(true)
  })
})
