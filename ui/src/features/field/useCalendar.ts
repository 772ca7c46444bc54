// The week of the calendar: which visits stand in which cell, and moving one to another.
import { computed, ref, shallowRef } from 'vue'
import { commands } from '@/bridge/generated/commands'
import type { FieldDesk, ServiceRow } from '@/bridge/generated/types'
import { t } from '@/locales'
import { done } from '@/shell/notice'
import { dayName, monday, onDay, plus, weekFrom } from './week'

/** A line of the calendar: a technician, or those that nobody has yet. */
export interface Lane {
  id: string | null
  name: string
}

export function useCalendar(desk: () => FieldDesk) {
  const first = ref(monday(new Date()))
  const rows = shallowRef<ServiceRow[]>()
  const days = computed(() => weekFrom(first.value))
  const lanes = computed<Lane[]>(() => [
    { id: null, name: t('field.nobody') },
    ...desk().technicians.map(({ id, name }) => ({ id, name })),
  ])
  let turn = 0

  async function load() {
    const mine = ++turn
    const [from = '', until = ''] = [days.value[0], days.value[6]]
    const week = await commands.services({ from, until, engineer: null, form: null, open: false })
    // Visits without an appointment stand before all days.
    const open = await commands.services({ from: '', until: '', engineer: null, form: null, open: true })
    if (mine === turn) rows.value = [...week, ...open.filter((row) => !row.from)]
  }

  const weeks = async (by: number) => {
    first.value = by === 0 ? monday(new Date()) : plus(first.value, 7 * by)
    await load()
  }
  const cell = (lane: Lane, day: string): ServiceRow[] =>
    (rows.value ?? []).filter((row) => row.engineer_seat === lane.id && row.from.slice(0, 10) === day)
  const undated = (lane: Lane): ServiceRow[] =>
    (rows.value ?? []).filter((row) => row.engineer_seat === lane.id && !row.from)

  /** Puts a visit into another cell; the time of the day stays. */
  async function move(row: ServiceRow, lane: Lane, day: string) {
    if (row.engineer_seat === lane.id && row.from.slice(0, 10) === day) return
    const from = onDay(row.from, day)
    const values = {
      'planned.from': from,
      'planned.until': row.until ? onDay(row.until, day) : null,
      engineer: lane.id ? lane.name : null,
      engineer_seat: lane.id,
    }
    await commands.serviceAct({ id: row.id, act: 'move', values, add: [], strike: [], reason: '' })
    done(t('field.moved', { who: lane.name, at: `${dayName(day)} ${from.slice(11, 16)}` }))
    await load()
  }

  /** Moves a visit by so many days and lanes, as far as there are any. */
  async function shift(row: ServiceRow, by: { days?: number; lanes?: number }) {
    const at = lanes.value.findIndex((lane) => lane.id === row.engineer_seat)
    const lane = lanes.value[at + (by.lanes ?? 0)]
    const day = row.from ? row.from.slice(0, 10) : (days.value[0] ?? '')
    const next = days.value[days.value.indexOf(day) + (by.days ?? 0)]
    if (lane && next) await move(row, lane, next)
  }

  return { rows, days, lanes, load, weeks, cell, undated, move, shift }
}
