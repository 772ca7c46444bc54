// The acts of the process in words, and why one of them is not possible.
import type { Why } from '@/bridge/generated/types'
import { t, told } from '@/locales'
import { useSession } from './session'

/** Name of an act; one of a newer version is shown by its code. */
export function actName(act: string): string {
  return told(`course.act.${act}`) ? t(`course.act.${act}`) : t('course.actOther', { act })
}

/** What an act does, in a sentence; empty for one that this version does not know. */
export function actAbout(act: string): string {
  return told(`course.about.${act}`) ? t(`course.about.${act}`) : ''
}

/** Why an act is not possible. Missing fields are named as the sheet names them. */
export function whyNot(why: Why): string {
  const key = `course.why.${why.code}`
  if (!told(key)) return t('course.whyOther')
  const keys = why.code === 'guard_missing' ? why.fields : []
  const fields = keys.map((field) => useSession().fieldOf(field)?.label ?? field)
  return t(key, { fields: fields.join(t('errors.and')) })
}
