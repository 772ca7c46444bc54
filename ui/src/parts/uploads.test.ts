import { flushPromises } from '@vue/test-utils'
import { describe, expect, it, vi } from 'vitest'
import type { Attachment } from '@/bridge/generated/types'
import { LARGEST, useUploads } from './uploads'

function uploads(enabled = true) {
  const kept: Attachment[] = []
  const send = vi.fn(async (file: { name: string; mime: string; bytes: Uint8Array }) => ({
    id: file.name,
    name: file.name,
    mime: file.mime,
    size: file.bytes.length,
    sha256: '',
    added_at: '',
  }))
  return { kept, send, ...useUploads({ send, added: (file) => kept.push(file), enabled: () => enabled }) }
}

const pasted = (files: File[], text = '') => {
  const event = new Event('paste', { cancelable: true })
  Object.assign(event, { clipboardData: { files, getData: () => text } })
  return event as ClipboardEvent
}

describe('files', () => {
  it('are sent one after the other, with their bytes', async () => {
    const { add, kept, send, pending } = uploads()
    const done = add([new File(['abc'], '照片.png', { type: 'image/png' }), new File(['😡'], '聊天')])
    expect(pending.value).toEqual(['照片.png'])
    await done
    expect(kept.map((file) => [file.name, file.mime, file.size])).toEqual([
      ['照片.png', 'image/png', 3],
      ['聊天', 'application/octet-stream', 4],
    ])
    expect(pending.value).toEqual([])
    expect(send).toHaveBeenCalledTimes(2)
  })

  it('that are too large are named and not sent; the others are', async () => {
    const { add, kept } = uploads()
    const large = new File([], '录像.mp4')
    Object.defineProperty(large, 'size', { value: LARGEST + 1 })
    await add([large, new File(['a'], '小.txt')])
    expect(kept.map((file) => file.name)).toEqual(['小.txt'])
    expect(document.body.textContent).toContain('录像.mp4')
  })

  it('that the store refuses do not stop the rest', async () => {
    const { add, kept, send } = uploads()
    send.mockRejectedValueOnce({ code: 'disk_full' })
    await add([new File(['a'], '甲'), new File(['b'], '乙')])
    expect(kept.map((file) => file.name)).toEqual(['乙'])
  })
})

describe('pasting', () => {
  const image = () => new File(['png'], 'image.png', { type: 'image/png' })
  it('takes a bare screenshot and gives it a name of its own', async () => {
    const { paste, kept } = uploads()
    const event = pasted([image()])
    paste(event)
    await flushPromises()
    expect(event.defaultPrevented).toBe(true)
    expect(kept[0]!.name).toMatch(/^截图 \d{4}-\d\d-\d\d \d\d\.\d\d\.\d\d\.png$/)
  })
  it('leaves text to the field, even where a picture of it comes along', () => {
    const { paste, send } = uploads()
    const event = pasted([image()], '表格里的字')
    paste(event)
    expect(event.defaultPrevented).toBe(false)
    expect(send).not.toHaveBeenCalled()
  })
  it('does nothing on a sheet that is only read', () => {
    const { paste, send } = uploads(false)
    paste(pasted([image()]))
    expect(send).not.toHaveBeenCalled()
  })
})
