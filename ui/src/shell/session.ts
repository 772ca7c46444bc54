// Where the desk stands — first start, locked, open — and what every page needs to know of it.
import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import { onFailure } from '@/bridge/call'
import { commands } from '@/bridge/generated/commands'
import type {
  DeskInfo,
  Failure,
  Field,
  JoinRequest,
  SetupRequest,
  Status,
  SwitchRequest,
  Template,
  UnlockRequest,
} from '@/bridge/generated/types'
import { usePreferences } from './preferences'

/** A recovery code that is on screen: made at first start, or renewed in the settings. */
export interface ShownCode {
  code: string
  /** First start: whether later starts open through the keyring. */
  keyring?: boolean
}

/** Longest that locking waits for pages to save, in milliseconds: an unattended desk must not stay open. */
const patience = 1500

export const useSession = defineStore('session', () => {
  const status = ref<Status>()
  const desk = shallowRef<DeskInfo>()
  /** Why the desk cannot be opened at all; takes the whole window. */
  const blocked = shallowRef<Failure>()
  const shownCode = shallowRef<ShownCode>()
  const savers = new Set<() => Promise<unknown>>()

  const stage = computed(() => status.value?.stage)

  /** Asks the desktop how far it is, and reads the desk if it is open. */
  async function start(): Promise<void> {
    blocked.value = undefined
    try {
      await follow(await commands.status())
    } catch (failure) {
      blocked.value = failure as Failure
    }
  }

  async function follow(next: Status): Promise<void> {
    if (next.stage === 'open') await read()
    else desk.value = undefined
    status.value = next
  }

  async function read(): Promise<void> {
    const [info] = await Promise.all([commands.desk(), usePreferences().load()])
    desk.value = info
  }

  /** Reads the desk anew after something came in from elsewhere. Where nothing differs, nobody is disturbed. */
  async function look(): Promise<void> {
    const before = desk.value
    const next = await commands.desk()
    if (desk.value === before && JSON.stringify(next) !== JSON.stringify(before)) desk.value = next
  }

  /** Makes the desk; the recovery code then stays on screen until it is confirmed or postponed. */
  async function setUp(request: SetupRequest): Promise<void> {
    const done = await commands.setup(request)
    shownCode.value = { code: done.recovery_code, keyring: done.keyring }
    await start()
  }

  /** Makes a desk that asks to come in to a shared one; its own recovery code is on screen first. */
  async function join(request: JoinRequest): Promise<void> {
    const done = await commands.joinWorkspace(request)
    shownCode.value = { code: done.recovery_code, keyring: done.keyring }
    await start()
  }

  async function unlock(request: UnlockRequest): Promise<void> {
    try {
      await follow(await commands.unlock(request))
    } catch (thrown) {
      const failure = thrown as Failure
      if (unopenable.has(failure.code)) blocked.value = failure
      throw failure
    }
  }

  /** Another member sits down. What is unsaved is saved first, by whoever wrote it; where it cannot be, nobody moves. */
  async function sit(request: SwitchRequest): Promise<void> {
    await Promise.all([...savers].map((save) => save()))
    desk.value = await commands.switchSeat(request)
  }

  /** Lets the pages save what they hold, then locks. */
  async function lock(): Promise<void> {
    const saved = Promise.allSettled([...savers].map((save) => save()))
    await Promise.race([saved, new Promise((resolve) => setTimeout(resolve, patience))])
    shownCode.value = undefined
    await follow(await commands.lock())
  }

  /** Has `save` awaited before the desk locks or another member sits down; it rejects where it failed. Returns the way to stop. */
  function beforeLock(save: () => Promise<unknown>): () => void {
    savers.add(save)
    return () => savers.delete(save)
  }

  /** The recovery code is written down, or will be later. */
  async function closeCode(confirmed: boolean): Promise<void> {
    if (confirmed) {
      await commands.confirmRecovery()
      if (desk.value) desk.value = { ...desk.value, recovery_confirmed: true }
    }
    shownCode.value = undefined
  }

  /** Shows a renewed recovery code over everything else. */
  function showCode(code: string): void {
    if (desk.value) desk.value = { ...desk.value, recovery_confirmed: false }
    shownCode.value = { code }
  }

  // The desktop may have locked by itself: whoever is told so first brings up the locked page for all.
  onFailure((failure) => {
    if (failure.code === 'locked' && stage.value === 'open') void start()
  })

  const fields = computed(() => {
    const of = (part?: Template) => part?.blocks.flatMap((block) => block.rows.flat()) ?? []
    const all = new Map(of(desk.value?.template).map((field) => [field.key, field]))
    // What the sheet has no cell for: whole fields, and further columns of lists that it does have.
    for (const unseen of of(desk.value?.process)) {
      const shown = all.get(unseen.key)
      const columns = [...(shown?.columns ?? []), ...(unseen.columns ?? [])]
      all.set(unseen.key, shown ? { ...shown, columns } : unseen)
    }
    return all
  })

  /** The lists that a form keeps, with all their columns. */
  const lists = computed(() => [...fields.value.values()].filter((field) => field.kind === 'lines'))

  /** The field under `key`, of the sheet or one that the process keeps besides. */
  const fieldOf = (key: string): Field | undefined => fields.value.get(key)

  /** The words of a code; a code from a newer version is shown as it is. */
  const label = (list: string, code: string): string =>
    desk.value?.codes[list]?.items.find((item) => item.code === code)?.label ?? code

  /** Whether whoever sits here has this role. */
  const has = (role: string): boolean => desk.value?.roles?.includes(role) ?? false

  return {
    status,
    stage,
    desk,
    blocked,
    shownCode,
    start,
    read,
    look,
    setUp,
    join,
    unlock,
    sit,
    lock,
    beforeLock,
    closeCode,
    showCode,
    lists,
    fieldOf,
    label,
    has,
  }
})

/** Failures after which another passphrase would not help. */
const unopenable = new Set(['not_set_up', 'keys_unreadable', 'database_unreadable', 'database_newer'])
