// Guards the knowledge base in the settings: entries are saved whole, pointed at where they tell of a customer, put away.
import { flushPromises } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { KnowledgeEntry } from '@/bridge/generated/types'
import { desk } from '@/parts/testing'
import { useKnowledge } from '@/shell/knowledge'
import { useSession } from '@/shell/session'
import { desktop, show, type Called } from '@/shell/testing'
import { newEntry, today, wordsOf } from './knowledge'
import KnowledgeSection from './KnowledgeSection.vue'

const kept = newEntry({
  id: 'e1',
  version: 2,
  title: '点火器在保吗',
  answer: '在，三年。',
  source: '说明书',
  products: ['热水器'],
  kind: 'repair',
  verified_by: '王芳',
  verified_on: '2026-11-02',
})
const stale = newEntry({ ...kept, id: 'e2', title: '旧型号', valid_until: '2026-01-01' })
const all = { entries: [kept, stale], suggested: [], stale: ['e2'] }
const requests = <T>(calls: Called[], name: string) =>
  calls.filter((call) => call.name === name).map((call) => call.request as T)

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
afterEach(() => void vi.useRealTimers())

async function section(roles = ['records'], personal: string[] = []) {
  const calls = desktop({
    knowledge: all,
    save_knowledge: all,
    check_knowledge: { personal },
    knowledge_versions: [
      { at: '2026-11-02T09:00:00+08:00', member: '王芳', entry: kept },
      { at: '2026-11-01T09:00:00+08:00', member: '李静', entry: { ...kept, version: 1, answer: '两年。' } },
    ],
  })
  useSession().desk = { ...desk, roles }
  const { wrapper } = await show(KnowledgeSection)
  await flushPromises()
  const fill = (field: string, text: string) =>
    wrapper.get(`[data-field="knowledge.${field}"]`).setValue(text)
  const send = async () => {
    await wrapper.get('[data-part=knowledge]').trigger('submit')
    await flushPromises()
  }
  return { wrapper, calls, fill, send }
}

describe('the knowledge base in the settings', () => {
  it('takes words as people separate them, and days as they are here', () => {
    expect(wordsOf(' 热水器、燃气灶，JSQ30;  ')).toEqual(['热水器', '燃气灶', 'JSQ30'])
    expect(today(new Date(2026, 0, 5))).toBe('2026-01-05')
  })

  it('saves an entry whole, and nothing without question, answer and source', async () => {
    const { wrapper, calls, fill, send } = await section()
    await wrapper.get('[data-act=add-knowledge]').trigger('click')
    await fill('title', ' 内胆保修几年 ')
    await fill('valid_until', '2020-01-01')
    await send()
    expect(requests(calls, 'save_knowledge')).toEqual([])
    expect(wrapper.findAll('[data-error]')).toHaveLength(3)
    await fill('answer', '六年。')
    await fill('source', '合同')
    await fill('products', '热水器、JSQ30')
    await fill('valid_until', '')
    await fill('category', 'product_fault')
    await send()
    expect(requests<KnowledgeEntry>(calls, 'save_knowledge')).toEqual([
      newEntry({
        title: '内胆保修几年',
        answer: '六年。',
        source: '合同',
        category: 'product_fault',
        products: ['热水器', 'JSQ30'],
      }),
    ])
    expect(wrapper.find('[data-part=knowledge]').exists()).toBe(false)
  })

  it('begins with what was checked on a form, and points at a customer in it', async () => {
    desktop({})
    useKnowledge().hand({ title: '陈女士 13800138021 的机器在保吗', answer: '在', source: '说明书' })
    const { wrapper, calls, fill } = await section(['supervisor'], ['title'])
    const title = wrapper.get<HTMLInputElement>('[data-field="knowledge.title"]').element
    expect(title.value).toBe('陈女士 13800138021 的机器在保吗')
    expect(wrapper.get('[data-part=personal]').text()).toMatch(/^问题里像有电话/)
    await fill('title', '机器在保吗')
    await vi.advanceTimersByTimeAsync(400)
    expect(requests<KnowledgeEntry>(calls, 'check_knowledge').at(-1)?.title).toBe('机器在保吗')
  })

  it('shows every version, and puts away without losing a word', async () => {
    const { wrapper, calls } = await section(['admin'])
    expect(wrapper.findAll('[data-mark=stale]')).toHaveLength(1)
    await wrapper.get('[data-entry=e1] [data-act=edit-knowledge]').trigger('click')
    await flushPromises()
    const versions = wrapper.findAll('[data-version]').map((version) => version.text())
    expect([versions.length, versions[1]?.includes('李静'), versions[1]?.includes('两年。')]).toEqual([
      2,
      true,
      true,
    ])
    await wrapper.get('[data-entry=e1] [data-act=retire-knowledge]').trigger('click')
    await flushPromises()
    expect(requests(calls, 'save_knowledge')).toEqual([{ ...kept, retired: true }])
  })

  it('is only read by everybody else', async () => {
    const { wrapper } = await section(['reception', 'handler'])
    expect(wrapper.text()).toContain('点火器在保吗')
    expect(wrapper.find('[data-act=add-knowledge], [data-act=edit-knowledge]').exists()).toBe(false)
  })
})
