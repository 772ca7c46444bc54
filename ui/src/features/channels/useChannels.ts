// The channels as they stand, read anew while the page is looked at and when another machine did something.
import { computed, onBeforeUnmount, onMounted, ref, shallowRef, watch } from 'vue'
import { commands } from '@/bridge/generated/commands'
import type { ChannelRow, Channels } from '@/bridge/generated/types'
import { useShared } from '@/shell/shared'

/** Between two looks at the desk, in milliseconds. */
const PERIOD = 30_000

export function useChannels() {
  const shared = useShared()
  const channels = shallowRef<Channels>()
  const failure = shallowRef<unknown>()
  const active = ref(0)
  /** Those that are checked, or were once; what is due first. */
  const rows = computed<ChannelRow[]>(() =>
    (channels.value?.rows ?? [])
      .filter((row) => row.routine.every || row.last)
      .sort((a, b) => Number(b.overdue) - Number(a.overdue) || Number(b.is_due) - Number(a.is_due)),
  )
  const row = computed(() => rows.value[active.value])
  /** A year whose calendar is missing. */
  const missing = computed(() => rows.value.find((one) => one.missing_year)?.missing_year)

  /** Takes what the desk answered; the chosen channel stays chosen, wherever it has moved. */
  function take(next: Channels): void {
    const code = row.value?.code
    channels.value = next
    failure.value = undefined
    const at = rows.value.findIndex((one) => one.code === code)
    active.value = Math.max(0, Math.min(at >= 0 ? at : active.value, rows.value.length - 1))
  }

  async function refresh(): Promise<void> {
    try {
      take(await commands.channels())
    } catch (thrown) {
      failure.value = thrown
    }
  }

  const look = () => document.visibilityState === 'visible' && void refresh()
  let timer: ReturnType<typeof setInterval> | undefined
  onMounted(() => (timer = setInterval(look, PERIOD)))
  onBeforeUnmount(() => clearInterval(timer))
  watch(() => shared.moved, look)

  return { channels, rows, row, active, missing, failure, take, refresh }
}
