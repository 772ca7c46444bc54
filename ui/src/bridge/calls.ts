// Tells that a call waits. The event carries nothing: who calls is asked for by command, and only of an open desk.
import { listen } from '@tauri-apps/api/event'

/** Hears of every call that is announced. */
export async function onCall(heard: () => void): Promise<() => void> {
  return listen('call', () => heard())
}
