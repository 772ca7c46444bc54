// One sheet being filled in: its values, its files, and their way onto the disk while it is being typed.
import { computed, onBeforeUnmount, onMounted, ref, shallowRef } from 'vue'
import { commands } from '@/bridge/generated/commands'
import type { Attachment, Draft, Failure } from '@/bridge/generated/types'
import { rfc3339 } from '@/parts/moment'
import { filled, isEmpty, type Values } from '@/parts/values'
import { refused } from '@/shell/notice'
import { useSession } from '@/shell/session'
import { useDrafts } from './drafts'
import { createSaver } from './saving'

/** Opens the draft `id`, or begins it: a new sheet is not kept before something was entered. */
export function useSheet(id: string) {
  const drafts = useDrafts()
  const session = useSession()
  const kept = drafts.find(id)
  const values = shallowRef<Values>(kept ? { ...kept.values } : { received_at: rfc3339(new Date()) })
  const attachments = ref<Attachment[]>(kept ? [...kept.attachments] : [])
  const savedAt = ref(kept?.saved_at ?? '')
  const call = kept?.call

  const saver = createSaver(async () => {
    if (drafts.isGone(id)) return
    const draft: Draft = await commands.saveDraft({
      id,
      values: filled(values.value),
      attachments: attachments.value,
      call,
    })
    savedAt.value = draft.saved_at
    if (!drafts.isGone(id)) drafts.put(draft)
  }, refused)

  function set(key: string, value: unknown) {
    const next = { ...values.value }
    if (isEmpty(value) && typeof value !== 'string') delete next[key]
    else next[key] = value
    values.value = next
    saver.touch()
  }

  /** Fills in what is still empty; what was typed stays. Returns the keys that were filled. */
  function fill(known: Values): string[] {
    const keys = Object.keys(known).filter((key) => isEmpty(values.value[key]) && !isEmpty(known[key]))
    if (keys.length === 0) return keys
    values.value = { ...values.value, ...Object.fromEntries(keys.map((key) => [key, known[key]])) }
    saver.touch()
    return keys
  }

  function attach(file: Attachment) {
    attachments.value = [...attachments.value, file]
    saver.touch()
  }

  function detach(fileId: string) {
    attachments.value = attachments.value.filter((file) => file.id !== fileId)
    saver.touch()
  }

  /** Makes the draft a form. The draft is on disk before, whatever comes of it. */
  async function register() {
    await saver.flush()
    const draft = savedAt.value ? id : undefined
    const registered = await commands.register({
      draft,
      values: filled(values.value),
      attachments: attachments.value,
      call,
    })
    drafts.forget(id)
    await saver.stop()
    return registered
  }

  const flush = () => void saver.flush()
  const onHide = () => document.visibilityState === 'hidden' && flush()
  const forgetLock = session.beforeLock(async () => {
    await saver.flush()
    if (saver.state.value === 'failed') throw { code: 'storage' } satisfies Failure
  })
  onMounted(() => {
    document.addEventListener('visibilitychange', onHide)
    for (const sign of ['pagehide', 'beforeunload', 'blur']) window.addEventListener(sign, flush)
  })
  onBeforeUnmount(() => {
    document.removeEventListener('visibilitychange', onHide)
    for (const sign of ['pagehide', 'beforeunload', 'blur']) window.removeEventListener(sign, flush)
    forgetLock()
    flush()
  })

  /** Rings and what follows from them: 三声内接听. */
  const pickedInThree = computed(() => {
    const rings = values.value['ring_count']
    return typeof rings === 'number' ? rings <= 3 : null
  })

  return {
    values,
    attachments,
    call,
    savedAt,
    saving: saver.state,
    pickedInThree,
    set,
    fill,
    attach,
    detach,
    flush: saver.flush,
    register,
  }
}
