// Guards the people of the settings: seen by all, changed by administrators, retired and never deleted.
import { flushPromises } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'
import type { Department, Member, MemberRequest } from '@/bridge/generated/types'
import { useSession } from '@/shell/session'
import { desktop, show, type Called } from '@/shell/testing'
import MembersSection from './MembersSection.vue'
import { newMember } from './members'

const member = (id: string, name: string, more: Partial<Member> = {}): Member => ({
  ...newMember(),
  id,
  name,
  sign_in: true,
  ...more,
})
const roles = ['reception', 'handler', 'admin']
const requests = (calls: Called[], name: string) =>
  calls.filter((call) => call.name === name).map((call) => call.request)

async function section(as: string[] = ['admin'], answers: Record<string, unknown> = {}) {
  let kept = [
    member('1', '孙丽', { employee_number: '108', roles: ['reception', 'admin'] }),
    member('2', '李强', { roles: ['handler', 'from_a_newer_version'], sign_in: false }),
    member('3', '周敏', { active: false, sign_in: false }),
  ]
  const calls = desktop({
    members: () => ({ members: kept, roles }),
    save_member: (request: MemberRequest) => {
      const saved = { ...newMember(), ...request, id: request.id ?? '4' } as Member
      kept = [...kept.filter((one) => one.id !== saved.id), saved]
      return saved
    },
    departments: { departments: [{ code: 'JS', name: '技术部' }], named: ['客服部'] },
    save_departments: (request: { departments: Department[] }) => ({ ...request, named: [] }),
    give_sign_in: null,
    save_preferences: null,
    ...answers,
  })
  useSession().desk = { seat: '1', roles: as, member: '孙丽', template: { blocks: [] }, codes: {} } as never
  const { wrapper } = await show(MembersSection)
  await flushPromises()
  const row = (name: string) => wrapper.get(`[data-member="${name}"]`)
  const act = async (name: string, act: string) => {
    await row(name).get(`[data-act="${act}"]`).trigger('click')
    await flushPromises()
  }
  return { calls, wrapper, row, act }
}

describe('the members', () => {
  it('are listed with their roles in Chinese and whether they can open this desk', async () => {
    const { row } = await section()
    expect(row('孙丽').text()).toMatch(/本人.*108.*接待.*管理员.*在职.*可开启本机/)
    expect(row('李强').text()).toMatch(/部门处理.*from_a_newer_version.*未设口令/)
    expect(row('周敏').text()).toContain('已停用')
    expect(row('周敏').find('[data-act="give-sign-in"]').exists()).toBe(false)
    expect(row('孙丽').find('[data-act="give-sign-in"]').exists()).toBe(false)
  })

  it('are only looked at by others than administrators', async () => {
    const { wrapper } = await section(['reception'])
    expect(wrapper.text()).toContain('只有管理员可以更改')
    expect(wrapper.findAll('table button, form button, [data-act="add-member"]')).toHaveLength(0)
    expect(wrapper.find('[data-field="keyring_seat"]').exists()).toBe(false)
    expect(wrapper.text()).toContain('技术部')
  })

  it('are added with roles and a department offered from those known', async () => {
    const { calls, wrapper, row } = await section()
    await wrapper.get('[data-act="add-member"]').trigger('click')
    expect(wrapper.findAll('datalist option').map((one) => one.attributes('value'))).toEqual([
      '技术部',
      '客服部',
    ])
    await wrapper.get('[data-field="member.name"]').setValue('王芳')
    await wrapper.get('[data-field="member.department"]').setValue('客服部')
    await wrapper.get('[data-field="member.role.handler"]').setValue(true)
    await wrapper.get('[data-field="member.role.reception"]').setValue(false)
    await wrapper.get('form.editor').trigger('submit')
    await flushPromises()
    const empty = { employee_number: '', post: '', phone_extension: '', active: true }
    expect(requests(calls, 'save_member')).toEqual([
      { ...empty, name: '王芳', department: '客服部', roles: ['handler'] },
    ])
    expect(row('王芳').text()).toContain('部门处理')
  })

  it('keep roles of a newer version, which cannot be taken away here', async () => {
    const { calls, wrapper, act } = await section()
    await act('李强', 'change-member')
    const newer = wrapper.get('[data-field="member.role.from_a_newer_version"]')
    expect((newer.element as HTMLInputElement).disabled).toBe(true)
    await wrapper.get('[data-field="member.role.handler"]').setValue(false)
    await wrapper.get('form.editor').trigger('submit')
    await flushPromises()
    expect(requests(calls, 'save_member')[0]).toMatchObject({ id: '2', roles: ['from_a_newer_version'] })
  })

  it('have what is wrong said beside the field', async () => {
    const { wrapper } = await section(['admin'], {
      save_member: () => {
        throw { code: 'invalid_fields', fields: [{ field: 'name', problem: 'required' }] }
      },
    })
    await wrapper.get('[data-act="add-member"]').trigger('click')
    await wrapper.get('form.editor').trigger('submit')
    await flushPromises()
    expect(wrapper.get('[data-error="member.name"]').text()).toBe('此项必填')
  })

  it('are retired only when that was confirmed, and can come back', async () => {
    const { calls, wrapper, act } = await section()
    await act('李强', 'retire-member')
    expect(requests(calls, 'save_member')).toEqual([])
    await wrapper.get('dialog [data-act="confirm"]').trigger('click')
    await flushPromises()
    expect(requests(calls, 'save_member')[0]).toMatchObject({ id: '2', active: false })
    await act('周敏', 'restore-member')
    expect(requests(calls, 'save_member')[1]).toMatchObject({ id: '3', active: true })
  })

  it('are given a passphrase that is long enough', async () => {
    const { calls, wrapper, act } = await section()
    await act('李强', 'give-sign-in')
    const type = (text: string) => wrapper.get('[data-field="initial_passphrase"]').setValue(text)
    await type('太短')
    await wrapper.get('dialog form').trigger('submit')
    expect(requests(calls, 'give_sign_in')).toEqual([])
    await type('李强的口令足够长')
    await wrapper.get('dialog form').trigger('submit')
    await flushPromises()
    expect(requests(calls, 'give_sign_in')).toEqual([{ id: '2', passphrase: '李强的口令足够长' }])
    expect(wrapper.find('dialog').exists()).toBe(false)
  })
})

describe('departments and opening', () => {
  it('lists departments in order, those named by members offered', async () => {
    const { calls, wrapper } = await section()
    const save = wrapper.get('[data-act="save-departments"]')
    expect((save.element as HTMLButtonElement).disabled).toBe(true)
    await wrapper.get('[data-act="list-department"]').trigger('click')
    await wrapper.get('[data-act="add-department"]').trigger('click')
    const names = wrapper.findAll('[data-field="department.name"]')
    await names[2]?.setValue(' 仓库 ')
    await wrapper.get('[data-act="add-department"]').trigger('click')
    await save.trigger('submit')
    await flushPromises()
    expect(requests(calls, 'save_departments')).toEqual([
      { departments: [{ code: 'JS', name: '技术部' }, { name: '客服部' }, { name: '仓库' }] },
    ])
    await wrapper.get('[data-act="remove-department"]').trigger('click')
    expect(wrapper.findAll('[data-field="department.name"]')).toHaveLength(2)
  })

  it('can be told to ask everyone for a passphrase', async () => {
    const { calls, wrapper } = await section()
    await wrapper.get('[data-value="off"]').trigger('click')
    await flushPromises()
    expect(requests(calls, 'save_preferences')[0]).toMatchObject({ keyring_seat: false })
  })
})
