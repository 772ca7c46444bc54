// What tests of a form's page share: a form as the desk shows it.
import type { FormView } from '@/bridge/generated/types'

export const formView = (more: Partial<FormView> = {}): FormView => ({
  id: 'f1',
  number: 'KF-20261102-A03-0001',
  state: 'registered',
  values: {},
  lists: {},
  attachments: [],
  copies: 0,
  timeline: [],
  conflicts: [],
  offers: [],
  clocks: [],
  course: {
    followers: [],
    holder: '',
    offered_to: '',
    delegates: [],
    reopened: 0,
    level: 0,
    pauses: [],
    out_of_place: [],
  },
  statutory: [],
  masked: false,
  ...more,
})
