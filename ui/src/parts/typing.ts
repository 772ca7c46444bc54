// Keeps what stands in a text control apart from what the form holds, so that a re-render never disturbs an input
// method at work: while characters are composed the control is its own master, and the form hears of the result.
import { ref, watch, type Ref } from 'vue'

type TextControl = HTMLInputElement | HTMLTextAreaElement

/** What a text control shows and the listeners it needs. */
export interface Typing {
  text: Ref<string>
  listeners: {
    input: (event: Event) => void
    compositionend: (event: Event) => void
  }
}

/**
 * `source` is the text of the form's value, `told` hears every finished edit, `seen` every edit even while composing.
 */
export function useTyping(
  source: () => string,
  told: (text: string, control: TextControl) => void,
  seen?: (text: string, control: TextControl) => void,
): Typing {
  const text = ref(source())
  watch(source, (now) => {
    if (now !== text.value) text.value = now
  })
  const take = (event: Event, finished: boolean) => {
    const control = event.target as TextControl
    text.value = control.value
    seen?.(control.value, control)
    if (finished) told(control.value, control)
  }
  return {
    text,
    listeners: {
      input: (event) => take(event, !(event as InputEvent).isComposing),
      compositionend: (event) => take(event, true),
    },
  }
}
