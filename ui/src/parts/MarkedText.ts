// A text with its key statements highlighted, for reading and as the layer behind the text control. Written as a
// render function because a template would add white space, and here every character counts.
import { defineComponent, h, type PropType } from 'vue'
import { stretches, type Marked } from './marks'

export default defineComponent({
  name: 'MarkedText',
  props: { value: { type: Object as PropType<Marked>, required: true } },
  setup: (props) => () =>
    h(
      'span',
      { class: 'marked-text' },
      stretches(props.value).map((part) => (part.marked ? h('mark', part.text) : part.text)),
    ),
})
