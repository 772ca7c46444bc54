// Files on their way into the store: chosen, dropped on the sheet or pasted as a screenshot, one after the other.
import { ref, type Ref } from 'vue'
import { ElMessage } from 'element-plus'
import type { Attachment } from '@/bridge/generated/types'
import { t } from '@/locales'
import { refused } from '@/shell/notice'

/** Largest file taken, in bytes; the store refuses more. */
export const LARGEST = 20 * 1024 * 1024

/** A file as the bridge sends it. */
interface Outgoing {
  name: string
  mime: string
  bytes: Uint8Array
}

/** Taking in files. */
export interface Uploads {
  /** Names on their way. */
  pending: Ref<string[]>
  add: (files: File[]) => Promise<void>
  drop: (event: DragEvent) => void
  paste: (event: ClipboardEvent) => void
}

/** Name of a pasted picture, to the second, so that several do not look alike. */
export function screenshotName(at: Date): string {
  const two = (n: number) => String(n).padStart(2, '0')
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
  return t('sheet.screenshot', {
    at: `${day} ${two(at.getHours())}.${two(at.getMinutes())}.${two(at.getSeconds())}`,
  })
}

function tooLarge(name: string) {
  ElMessage({ message: t('sheet.tooLarge', { name }), type: 'warning', duration: 6000, showClose: true })
}

/** `send` stores one file, `added` hears of each that was stored. */
export function useUploads(of: {
  send: (file: Outgoing) => Promise<Attachment>
  added: (attachment: Attachment) => void
  enabled: () => boolean
}): Uploads {
  const pending = ref<string[]>([])

  async function add(files: File[]) {
    for (const file of files) {
      if (file.size > LARGEST) {
        tooLarge(file.name)
        continue
      }
      pending.value = [...pending.value, file.name]
      try {
        const bytes = new Uint8Array(await file.arrayBuffer())
        of.added(await of.send({ name: file.name, mime: file.type || 'application/octet-stream', bytes }))
      } catch (thrown) {
        refused(thrown)
      } finally {
        const at = pending.value.indexOf(file.name)
        pending.value = pending.value.filter((_, i) => i !== at)
      }
    }
  }

  function drop(event: DragEvent) {
    const files = [...(event.dataTransfer?.files ?? [])]
    if (files.length === 0 || !of.enabled()) return
    event.preventDefault()
    void add(files)
  }

  function paste(event: ClipboardEvent) {
    const images = [...(event.clipboardData?.files ?? [])].filter((file) => file.type.startsWith('image/'))
    // Text on the clipboard goes into the field; only a bare picture becomes an attachment.
    if (images.length === 0 || event.clipboardData?.getData('text/plain') || !of.enabled()) return
    event.preventDefault()
    const named = images.map((image) => {
      const generic = image.name === '' || /^image\.\w+$/.test(image.name)
      const ending = image.type.slice('image/'.length).replace('jpeg', 'jpg')
      return generic
        ? new File([image], `${screenshotName(new Date())}.${ending}`, { type: image.type })
        : image
    })
    void add(named)
  }

  return { pending, add, drop, paste }
}
