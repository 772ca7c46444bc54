// Which list the person came from: leaving a form leads back there.
import { ref } from 'vue'

const list = ref('/forms')

/** The list to return to. */
export const listLeft = (): string => list.value

/** Remembers `path` as the list that is being worked through. */
export function workThrough(path: '/forms' | '/board'): void {
  list.value = path
}
