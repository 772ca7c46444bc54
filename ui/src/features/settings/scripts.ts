// The library of scripts while it is edited: a new entry, and how one reads with its placeholders filled in.
import type { DeskInfo, Script, When } from '@/bridge/generated/types'
import { t } from '@/locales'

const anywhere = (): When => ({
  acts: ['intake'],
  channels: [],
  kinds: [],
  categories: [],
  moods: [],
  severities: [],
  demands: [],
  late: false,
  again: false,
})

/** A script that is not there yet; the desk gives it its id. */
export const newScript = (): Script => ({
  id: '',
  version: 0,
  title: '',
  group: '',
  when: anywhere(),
  say: [''],
  do_not_say: [],
  steps: [],
  retired: false,
})

/** Placeholders with what stands for them here; the customer and the form are made up. */
export function samples(desk: DeskInfo | undefined): Record<string, string> {
  return {
    公司名: desk?.company ?? '',
    部门: desk?.department ?? '',
    岗位: desk?.post ?? '',
    工号: desk?.employee_number ?? '',
    姓名: desk?.member ?? '',
    姓: t('speech.sample.surname'),
    称谓: t('speech.sample.salutation'),
    编号: t('speech.sample.number'),
    承诺时间: t('speech.sample.promised'),
  }
}

/** A sentence as it will read; one that is not known leaves a gap, other words in braces are text. */
export const filledIn = (text: string, known: Record<string, string>): string =>
  text.replace(/\{([^{}]*)\}/g, (whole, name: string) =>
    name in known ? known[name] || t('speech.gap', { name }) : whole,
  )

/** Lines as typed, blanks left out. */
export const linesOf = (typed: string): string[] =>
  typed
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
