// Every word on screen: one file per room of the interface, reached as `room.key`.
import { createI18n } from 'vue-i18n'

type Words = { [key: string]: string | Words }

const files = import.meta.glob<Words>('./zh-CN/*.json', { eager: true, import: 'default' })

/** All words, by room. */
export const words: Words = Object.fromEntries(
  Object.entries(files).map(([path, content]) => [path.replace(/^.*\/|\.json$/g, ''), content]),
)

/** The translator of the application; `useI18n` inside components, `i18n.global.t` elsewhere. */
export const i18n = createI18n({
  legacy: false,
  locale: 'zh-CN',
  fallbackWarn: false,
  missingWarn: false,
  messages: { 'zh-CN': words },
})

/** Translates outside components. */
export const t = (key: string, named: Record<string, unknown> = {}): string => i18n.global.t(key, named)

/** Whether there are words under `key`. */
export const told = (key: string): boolean => i18n.global.te(key)
