// A correction being prepared: nothing is written before the reason is given and the changes were seen.
import { computed, onBeforeUnmount, ref, shallowRef } from 'vue'
import { commands } from '@/bridge/generated/commands'
import type { Attachment, FieldError, FormView, Template } from '@/bridge/generated/types'
import type { Values } from '@/parts/values'
import { isEmpty } from '@/parts/values'
import { problem } from '@/shell/failure'
import { changesBetween, linesToAdd } from './changes'

interface Unfinished {
  /** The form as it was then: its latest change. */
  latest: string
  values: Values
  added: Record<string, Values[]>
  struck: string[]
  files: Attachment[]
  settled: string[]
  reason: string
}

/** Corrections that a lock or a look elsewhere interrupted, by form. In memory only: they go with the program. */
const unfinished = new Map<string, Unfinished>()

/** Prepares corrections of `form`. */
export function useCorrection(form: () => FormView, template: () => Template) {
  const active = ref(false)
  const values = shallowRef<Values>({})
  const added = shallowRef<Record<string, Values[]>>({})
  const struck = ref<string[]>([])
  const files = ref<Attachment[]>([])
  /** Fields in conflict whose shown value was declared right. */
  const settled = ref<string[]>([])
  const reason = ref('')
  const wrong = shallowRef<FieldError[]>([])

  const keys = computed(() =>
    template().blocks.flatMap((block) => block.rows.flat().map((field) => field.key)),
  )
  const changes = computed(() => changesBetween(form().values, values.value, keys.value, settled.value))
  const lines = computed(() => linesToAdd(added.value))
  const empty = computed(
    () =>
      changes.value.length === 0 &&
      Object.keys(lines.value).length === 0 &&
      struck.value.length === 0 &&
      files.value.length === 0,
  )
  const errors = computed(() => Object.fromEntries(wrong.value.map((e) => [e.field, problem(e)])))

  /** Puts away what was prepared. */
  function end() {
    active.value = false
    added.value = {}
    struck.value = []
    settled.value = []
    files.value = []
    reason.value = ''
    wrong.value = []
  }

  function begin() {
    end()
    values.value = { ...form().values }
    active.value = true
  }

  const latest = () => form().timeline[0]?.id ?? ''

  onBeforeUnmount(() => {
    if (!active.value || (empty.value && !reason.value)) return
    unfinished.set(form().id, {
      latest: latest(),
      values: values.value,
      added: added.value,
      struck: struck.value,
      files: files.value,
      settled: settled.value,
      reason: reason.value,
    })
  })

  // Taken up again where it was left, unless the form has changed since.
  const left = unfinished.get(form().id)
  unfinished.delete(form().id)
  if (left && left.latest === latest()) {
    values.value = left.values
    added.value = left.added
    struck.value = left.struck
    files.value = left.files
    settled.value = left.settled
    reason.value = left.reason
    active.value = true
  }

  function set(key: string, value: unknown) {
    if (form().conflicts.includes(key)) settle(key)
    values.value = { ...values.value, [key]: isEmpty(value) && typeof value !== 'string' ? null : value }
    wrong.value = wrong.value.filter((e) => e.field !== key)
  }

  /** The value shown stands: the conflict is decided, even where it stays what it was. */
  function settle(key: string) {
    if (!settled.value.includes(key)) settled.value = [...settled.value, key]
  }

  /** Writes it; the form as it is afterwards. */
  async function save(): Promise<FormView> {
    const corrected = await commands.correct({
      id: form().id,
      values: Object.fromEntries(changes.value.map((change) => [change.field, change.to])),
      add: lines.value,
      attachments: files.value,
      strike: struck.value,
      reason: reason.value.trim(),
    })
    end()
    return corrected
  }

  return {
    active,
    settled,
    settle,
    values,
    added,
    struck,
    files,
    reason,
    wrong,
    changes,
    lines,
    empty,
    errors,
    begin,
    end,
    set,
    save,
  }
}
