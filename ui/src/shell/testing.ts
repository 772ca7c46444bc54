// What tests of the interface share: a desktop that answers from a table, and components with all they expect around them.
import { clearMocks, mockIPC, mockWindows } from '@tauri-apps/api/mocks'
import { mount, type ComponentMountingOptions } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import type { Component } from 'vue'
import { createMemoryHistory, createRouter } from 'vue-router'
import { afterEach, beforeEach } from 'vitest'
import { i18n } from '@/locales'

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

/** Mounts a component into the page, with translator, store and routes. */
export async function show<C extends Component>(component: C, options: ComponentMountingOptions<C> = {}) {
  const empty = { template: '<i />' }
  const router = createRouter({
    history: createMemoryHistory(),
    routes: ['/forms', '/forms/:id', '/intake/:draft?', '/settings'].map((path) => ({
      path,
      component: empty,
    })),
  })
  await router.push('/forms')
  const wrapper = mount(component, {
    attachTo: document.body,
    ...options,
    global: { plugins: [i18n, router], ...options.global },
  } as ComponentMountingOptions<C>)
  return { wrapper, router }
}

// A key without words would show itself to the person; here it fails the test that renders it.
i18n.global.setMissingHandler((_, key) => {
  throw new Error(`no words for ${key}`)
})

beforeEach(() => {
  localStorage.clear()
  setActivePinia(createPinia())
})

afterEach(() => {
  clearMocks()
  document.body.innerHTML = ''
})
