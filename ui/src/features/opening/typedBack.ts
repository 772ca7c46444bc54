// A secret on paper that is shown once: printed, copied, and let go only after one of its groups was typed back.
import { nextTick, onMounted, ref, watch, type Ref } from 'vue'
import { askedGroup, sameGroup } from './recoveryCode'

/** The page of such a secret. `box` holds its steps, each with one `data-first` that takes the focus. */
export function useTypedBack(box: Ref<HTMLElement | undefined>, step: Ref<unknown>, groups: () => string[]) {
  /** Place of the group that is asked for, from 0. */
  const asked = ref(0)
  const typed = ref('')
  const wrong = ref('')

  async function focus(): Promise<void> {
    await nextTick()
    box.value?.querySelector<HTMLElement>('[data-first]')?.focus()
  }
  onMounted(focus)
  watch(step, focus)

  /** Picks the group to ask for, with nothing typed yet. */
  function pick(): void {
    asked.value = askedGroup(groups().length, Math.random())
    typed.value = wrong.value = ''
  }

  /** Whether the group that was asked for is what was typed. */
  const right = () => sameGroup(typed.value, groups()[asked.value] ?? '')

  /** Copies the secret; false where there is no clipboard to be had. */
  async function copy(text: string): Promise<boolean> {
    try {
      await navigator.clipboard.writeText(text)
      return true
    } catch {
      return false
    }
  }

  function print(): void {
    window.print()
    // The page as printed hides its buttons, and with them the focus.
    void focus()
  }

  return { asked, typed, wrong, pick, right, copy, print }
}
