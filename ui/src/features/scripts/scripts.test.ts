// Guards the words beside the page: what fits comes first, steps wait as long as they must, sentences are copied.
import { flushPromises } from '@vue/test-utils'
import { effectScope, nextTick } from 'vue'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { KnowledgeEntry, KnowledgeRequest, Script, ScriptsRequest } from '@/bridge/generated/types'
import { press } from '@/parts/testing'
import { listenForShortcuts } from '@/shell/shortcuts'
import { tellSituation, useSituation } from '@/shell/situation'
import { desktop, show } from '@/shell/testing'
import ScriptsPanel from './ScriptsPanel.vue'
import { REST } from './useAsked'
import { useSteps } from './useSteps'

const script = (id: string, title: string, more: Partial<Script> = {}): Script => ({
  id,
  version: 1,
  title,
  group: '通话',
  when: {
    acts: [],
    channels: [],
    kinds: [],
    categories: [],
    moods: [],
    severities: [],
    demands: [],
    late: false,
    again: false,
  },
  say: [`您好，${title}`],
  do_not_say: [],
  steps: [],
  ...more,
})
const silent = script('silent', '无声来电', {
  do_not_say: ['再不说话我挂了。'],
  steps: [{ text: '问候一次', seconds: 5 }, { text: '再问候一次', seconds: 5 }, { text: '轻轻挂机' }],
})
const all = [script('hold', '请客户稍等'), silent, script('inform', '回告结果', { group: '答复' })]

let deaf = () => {}
beforeEach(() => {
  deaf = listenForShortcuts()
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'] })
})
afterEach(() => {
  deaf()
  vi.useRealTimers()
})

async function panel(
  answer: (request: ScriptsRequest) => unknown = () => ({ scripts: all, suggested: ['silent'] }),
) {
  const calls = desktop({ scripts: answer })
  const situation = useSituation()
  situation.now = { act: 'intake', values: { channel: 'hotline', mood: '' } }
  const { wrapper } = await show(ScriptsPanel)
  await flushPromises()
  const asked = () => calls.map(({ request }) => request as ScriptsRequest)
  const key = async (pressed: string) => {
    press(document.body, pressed)
    await nextTick()
  }
  return { wrapper, situation, asked, key }
}

describe('the panel', () => {
  it('has what fits first and open, the others by group', async () => {
    const { wrapper, asked } = await panel()
    expect(asked()).toEqual([{ act: 'intake', values: { channel: 'hotline' }, query: '', raw: false }])
    expect(wrapper.findAll('[data-script]').map((card) => card.attributes('data-script'))).toEqual([
      'silent',
      'hold',
      'inform',
    ])
    const open = wrapper.get('[data-script=silent]').text()
    for (const words of ['您好，无声来电', '再不说话我挂了。', '问候一次', '5 秒'])
      expect(open).toContain(words)
    expect(wrapper.get('[data-script=hold]').text()).not.toContain('您好')
  })

  it('asks anew, after a rest, when something else is being done or looked for', async () => {
    const { wrapper, situation, asked } = await panel()
    situation.now = { act: 'inform', values: {} }
    await nextTick()
    await wrapper.get('[data-field=scripts]').setValue('稍')
    await wrapper.get('[data-field=scripts]').setValue('稍等')
    await vi.advanceTimersByTimeAsync(REST)
    expect(asked().slice(1)).toEqual([{ act: 'inform', values: {}, query: '稍等', raw: false }])
  })

  it('says so where nothing is found', async () => {
    const { wrapper } = await panel(({ query }) => ({ scripts: query ? [] : all, suggested: [] }))
    await wrapper.get('[data-field=scripts]').setValue('火星')
    await vi.advanceTimersByTimeAsync(REST)
    await flushPromises()
    expect(wrapper.get('[role=status]').text()).toBe('没有找到“火星”')
  })

  it('copies a sentence', async () => {
    const { wrapper } = await panel()
    const writeText = vi.spyOn(navigator.clipboard, 'writeText').mockResolvedValue()
    await wrapper.get('[data-act=copy-script]').trigger('click')
    expect(writeText).toHaveBeenCalledWith('您好，无声来电')
  })

  it('walks through the steps by Space, counting the pauses', async () => {
    const { wrapper, key } = await panel()
    await key(' ')
    expect(wrapper.find('[aria-current=step]').exists()).toBe(false)
    await wrapper.get('[data-act=steps-begin]').trigger('click')
    expect(wrapper.get('[aria-current=step]').text()).toContain('问候一次')
    await key(' ')
    expect(wrapper.get('[data-left]').text()).toBe('等 5 秒')
    await vi.advanceTimersByTimeAsync(5000)
    expect(wrapper.get('[aria-current=step]').text()).toContain('再问候一次')
    await key(' ')
    await key(' ')
    expect(wrapper.get('[aria-current=step]').text()).toContain('轻轻挂机')
    await key(' ')
    expect(wrapper.get('.steps [role=status]').text()).toBe('步骤已走完')
  })
})

describe('what is known', () => {
  const entry = (id: string, title: string, more: Partial<KnowledgeEntry> = {}): KnowledgeEntry => ({
    id,
    version: 1,
    title,
    answer: `${title}：三年`,
    kind: '',
    category: '',
    products: [],
    source: '说明书第 21 页',
    verified_by: '王芳',
    verified_on: '2026-11-02',
    valid_until: null,
    retired: false,
    ...more,
  })
  const entries = [
    entry('a', '保修几年'),
    entry('b', '点火器在保吗', { valid_until: '2026-12-31' }),
    entry('c', '旧型号', { valid_until: '2026-01-01' }),
  ]

  async function known(answer: (request: KnowledgeRequest) => unknown) {
    const calls = desktop({ scripts: { scripts: all, suggested: [] }, knowledge: answer })
    const situation = useSituation()
    situation.now = { act: 'answer', values: { 'product.name': '热水器', mood: '' } }
    const { wrapper } = await show(ScriptsPanel)
    await wrapper.get('[data-section=known]').trigger('click')
    await flushPromises()
    const asked = () => calls.filter(({ name }) => name === 'knowledge').map(({ request }) => request)
    return { wrapper, asked }
  }

  it('has what fits the form first and open; what is past its day does not count as checked', async () => {
    const { wrapper, asked } = await known(() => ({ entries, suggested: ['b', 'c'], stale: ['c'] }))
    expect(asked()).toEqual([{ values: { 'product.name': '热水器' }, query: '', all: false }])
    const cards = wrapper.findAll('[data-entry]').map((card) => card.attributes('data-entry'))
    expect(cards).toEqual(['b', 'c', 'a'])
    const open = wrapper.get('[data-entry=b]').text()
    for (const words of ['点火器在保吗：三年', '说明书第 21 页', '王芳', '2026-12-31', '已核实'])
      expect(open).toContain(words)
    const stale = wrapper.get('[data-entry=c]')
    expect([stale.get('[data-mark]').text(), stale.text().includes('已核实')]).toEqual(['待复核', false])
    await stale.get('button').trigger('click')
    expect(wrapper.get('[data-entry=c]').text()).toContain('先核实，再答复客户')
  })

  it('is searched after a rest, and its answer copied', async () => {
    const { wrapper, asked } = await known(({ query }) => ({
      entries: query === '火星' ? [] : entries,
      suggested: [],
      stale: [],
    }))
    await wrapper.get('[data-field=knowledge]').setValue('baoxiu')
    await vi.advanceTimersByTimeAsync(REST)
    await flushPromises()
    expect(asked().at(-1)).toMatchObject({ query: 'baoxiu' })
    const writeText = vi.spyOn(navigator.clipboard, 'writeText').mockResolvedValue()
    await wrapper.get('[data-entry=a] [data-act=copy-answer]').trigger('click')
    expect(writeText).toHaveBeenCalledWith('保修几年：三年')
    await wrapper.get('[data-field=knowledge]').setValue('火星')
    await vi.advanceTimersByTimeAsync(REST)
    await flushPromises()
    expect(wrapper.get('[role=status]').text()).toBe('没有找到“火星”')
  })
})

describe('steps', () => {
  it('count by the clock and leave no timer behind', async () => {
    const scope = effectScope()
    const walk = scope.run(() => useSteps(() => silent.steps))!
    walk.begin()
    walk.next()
    await vi.advanceTimersByTimeAsync(3100)
    expect(walk.left.value).toBe(2)
    vi.setSystemTime(Date.now() + 60_000)
    await vi.advanceTimersByTimeAsync(200)
    expect([walk.at.value, walk.left.value]).toEqual([1, undefined])
    walk.next()
    scope.stop()
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('the situation', () => {
  it('goes with the page that told it, unless the next one has told already', () => {
    const [first, second] = [effectScope(), effectScope()]
    first.run(() => tellSituation(() => ({ act: 'intake', values: {} })))
    second.run(() => tellSituation(() => ({ act: 'inform', values: {} })))
    first.stop()
    expect(useSituation().now.act).toBe('inform')
    second.stop()
    expect(useSituation().now.act).toBe('')
  })
})
