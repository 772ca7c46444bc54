// For tests of the interface: a desktop that answers from a table.
import { clearMocks, mockIPC, mockWindows } from '@tauri-apps/api/mocks'

type Answer = unknown | ((request: never) => unknown)

/** A call that the interface made. */
export interface Called {
  name: string
  request: unknown
}

/** Answers commands from a table; a function gets the request, and what it throws is the refusal. Returns the calls made. */
export function desktop(answers: Record<string, Answer>): Called[] {
  const calls: Called[] = []
  mockWindows('main')
  mockIPC((name, args) => {
    const request = (args as { request?: unknown } | undefined)?.request
    calls.push({ name, request })
    if (!(name in answers)) throw { code: 'internal' }
    const answer = answers[name]
    return typeof answer === 'function' ? answer(request) : answer
  })
  return calls
}

/** Takes the desktop away again. */
export const undesktop = clearMocks
