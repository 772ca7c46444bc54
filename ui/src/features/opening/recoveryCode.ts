// The recovery code on screen: its groups, and the comparison of one typed group.

/** The groups, as they are joined by dashes. */
export const groupsOf = (code: string): string[] => code.split('-').filter(Boolean)

/** As the desktop reads it: case, blanks and dashes do not matter, nor do the letters that look like digits. */
const plain = (text: string) =>
  text
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[^A-Z0-9]/g, '')
    .replace(/O/g, '0')
    .replace(/[IL]/g, '1')

/** Whether `typed` is that group. */
export const sameGroup = (typed: string, group: string): boolean =>
  plain(typed) !== '' && plain(typed) === plain(group)

/** Which group is asked for: any but the first, which is remembered without writing. `random` is in [0, 1). */
export const askedGroup = (count: number, random: number): number =>
  count > 1 ? 1 + Math.floor(random * (count - 1)) : 0
