// What to say first where the call was picked up after the third ring (R61, R83): the company's own words from its
// scripts, or plain ones where the scripts do not answer.
import { ref, watch } from 'vue'
import { commands } from '@/bridge/generated/commands'
import { t } from '@/locales'

/** Rings within which a call is to be picked up. */
const IN_TIME = 3

/** `rings` as they stand on the sheet; the sentence is empty while there is nothing to apologise for. */
export function useApology(rings: () => unknown) {
  const sentence = ref('')
  let turn = 0

  watch(
    rings,
    async (count) => {
      const mine = ++turn
      sentence.value = ''
      if (typeof count !== 'number' || count <= IN_TIME) return
      const words = await ask(count)
      if (mine === turn) sentence.value = words
    },
    { immediate: true },
  )
  return sentence
}

async function ask(count: number): Promise<string> {
  try {
    const values = { channel: 'hotline', ring_count: count }
    const { scripts, suggested } = await commands.scripts({ act: 'intake', values, query: '' })
    const fitting = suggested.map((id) => scripts.find((script) => script.id === id))
    return fitting.find((script) => script?.when.late)?.say[0] ?? t('intake.call.sorry')
  } catch {
    return t('intake.call.sorry')
  }
}
