// Hears where the desk stands with the shared database: told by the desktop after each exchange.
import { listen } from '@tauri-apps/api/event'
import type { Standing } from './generated/types'

/** Hears of every exchange that ended, well or not. */
export async function onStanding(heard: (standing: Standing) => void): Promise<() => void> {
  return listen<Standing>('standing', (event) => heard(event.payload))
}
