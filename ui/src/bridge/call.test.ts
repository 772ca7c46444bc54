// Guards the one shape in which the desktop is asked, and says no.
import { describe, expect, it, vi } from 'vitest'
import { mockIPC } from '@tauri-apps/api/mocks'
import { call, onFailure, upload } from './call'

describe('a call', () => {
  it('passes the request by its name', async () => {
    const heard: unknown[] = []
    mockIPC((name, args) => void heard.push([name, args]))
    await call('lock')
    await call('show', { id: '1' })
    expect(heard).toEqual([
      ['lock', {}],
      ['show', { request: { id: '1' } }],
    ])
  })

  it('rejects with the failure, which listeners hear first', async () => {
    const listener = vi.fn()
    const stop = onFailure(listener)
    mockIPC(() => {
      throw { code: 'disk_full', detail_id: 'd1' }
    })
    await expect(call('register')).rejects.toEqual({ code: 'disk_full', detail_id: 'd1' })
    stop()
    await call('register').catch(() => undefined)
    expect(listener).toHaveBeenCalledTimes(1)
  })

  it('makes a failure of whatever else is thrown', async () => {
    mockIPC(() => {
      throw 'command status not found'
    })
    await expect(call('status')).rejects.toEqual({ code: 'internal' })
  })
})

it('a file travels as bytes, its name safely in a header', async () => {
  let heard: unknown[] = []
  mockIPC(() => null)
  const internals = (window as never as { __TAURI_INTERNALS__: { invoke: (...all: unknown[]) => unknown } })
    .__TAURI_INTERNALS__
  internals.invoke = (...all) => Promise.resolve((heard = all))
  await upload('attach', { name: '现场 照片.png', mime: 'image/png', bytes: new Uint8Array([1, 2]) })
  expect(heard).toEqual([
    'attach',
    new Uint8Array([1, 2]),
    { headers: { 'x-name': '%E7%8E%B0%E5%9C%BA%20%E7%85%A7%E7%89%87.png', 'x-mime': 'image/png' } },
  ])
})
