// Preferences of this machine, kept by the desktop; colours and size act at once.
import { defineStore } from 'pinia'
import { reactive, watch } from 'vue'
import { commands } from '@/bridge/generated/commands'
import type { Preferences, Theme } from '@/bridge/generated/types'
import { zoom } from '@/bridge/zoom'

/** An empty filter. */
export const everything = () => ({
  kinds: [],
  categories: [],
  customer_types: [],
  states: [],
  channels: [],
  receivers: [],
})

const initial = (): Preferences => ({
  theme: 'system',
  scale: 100,
  idle_minutes: 10,
  printer: '',
  filter: everything(),
  sort: 'received_at',
  descending: true,
  keyring_seat: true,
  notifications: true,
  quiet_from: '',
  quiet_to: '',
})

/** Where the look is remembered for the pages before opening, which cannot read the encrypted preferences. */
const lookKey = 'kefu.look'

export const usePreferences = defineStore('preferences', () => {
  const now = reactive<Preferences>({ ...initial(), ...rememberedLook() })

  async function load(): Promise<void> {
    Object.assign(now, await commands.preferences())
  }

  /** Changes some and keeps them. */
  async function save(part: Partial<Preferences>): Promise<void> {
    Object.assign(now, part)
    await commands.savePreferences(JSON.parse(JSON.stringify(now)) as Preferences)
  }

  watch(
    () => [now.theme, now.scale] as const,
    ([theme, scale]) => {
      dress(theme)
      void zoom(scale)
      localStorage.setItem(lookKey, JSON.stringify({ theme, scale }))
    },
    { immediate: true },
  )
  const system = matchMedia('(prefers-color-scheme: dark)')
  system.addEventListener('change', () => dress(now.theme))

  return { now, load, save }
})

function rememberedLook(): Partial<Pick<Preferences, 'theme' | 'scale'>> {
  try {
    const { theme, scale } = JSON.parse(localStorage.getItem(lookKey) ?? '{}') as Partial<Preferences>
    return {
      ...(theme && ['system', 'light', 'dark'].includes(theme) && { theme }),
      ...(scale && [100, 110, 125, 150].includes(scale) && { scale }),
    }
  } catch {
    return {}
  }
}

/** Puts the colours on: ours by attribute, the library's by class. */
function dress(theme: Theme): void {
  const dark = theme === 'dark' || (theme === 'system' && matchMedia('(prefers-color-scheme: dark)').matches)
  document.documentElement.dataset.theme = dark ? 'dark' : 'light'
  document.documentElement.classList.toggle('dark', dark)
}
