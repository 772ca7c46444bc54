// The one way from the interface into the desktop: every command of the wire passes here, so that every failure has one shape.
import { invoke } from '@tauri-apps/api/core'
import type { Failure } from './generated/types'

/** A file on its way to the store. */
export type Upload = { name: string; mime: string; bytes: Uint8Array; to?: string }

type Listener = (failure: Failure) => void
const listeners = new Set<Listener>()

/** Hears of every failure before its caller does: the session follows `locked` this way. Returns the way to stop. */
export function onFailure(listener: Listener): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** Whatever was thrown, as a failure of the wire; what has no code (a missing command, a broken pipe) is `internal`. */
export function asFailure(thrown: unknown): Failure {
  if (typeof thrown === 'object' && thrown !== null && 'code' in thrown && typeof thrown.code === 'string') {
    return thrown as Failure
  }
  return { code: 'internal' }
}

async function settle<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer
  } catch (thrown) {
    const failure = asFailure(thrown)
    listeners.forEach((listener) => listener(failure))
    throw failure
  }
}

/** Calls a command; rejects with a {@link Failure}. */
export function call<T>(name: string, request?: unknown): Promise<T> {
  return settle(invoke<T>(name, request === undefined ? {} : { request }))
}

/** Sends a file as raw bytes, which JSON would triple in size; name and type travel as headers. */
export function upload<T>(name: string, file: Upload): Promise<T> {
  return settle(
    invoke<T>(name, file.bytes, {
      headers: {
        'x-name': encodeURIComponent(file.name),
        'x-mime': file.mime,
        // The record it is meant for, where that decides what of it is kept.
        ...(file.to ? { 'x-to': file.to } : {}),
      },
    }),
  )
}
