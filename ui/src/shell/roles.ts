// Roles in Chinese; a role of a newer desktop is shown by its code.
import { t, told } from '@/locales'

/** The words of one role. */
export const roleName = (code: string): string => (told(`roles.${code}`) ? t(`roles.${code}`) : code)

/** The words of several, in one line. */
export const roleNames = (codes: string[]): string =>
  codes.length ? codes.map(roleName).join(t('roles.join')) : t('roles.none')
