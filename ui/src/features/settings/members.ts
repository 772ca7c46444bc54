// Members (人员) in the settings: what a new one begins with.
import type { Member } from '@/bridge/generated/types'

/** A member who is not there yet: no id, and the role most people at a desk have. */
export const newMember = (): Member => ({
  id: '',
  name: '',
  employee_number: '',
  post: '',
  department: '',
  phone_extension: '',
  roles: ['reception'],
  active: true,
  sign_in: false,
})

/** Texts of a member, in the order of the editor. */
export const memberTexts = ['name', 'employee_number', 'department', 'post', 'phone_extension'] as const
