// What tests of the interface share: components with all they expect around them, over a desktop that answers from a table.
import { mount, type ComponentMountingOptions } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import type { Component } from 'vue'
import { createMemoryHistory, createRouter } from 'vue-router'
import { afterEach, beforeEach } from 'vitest'
import { undesktop } from '@/bridge/testing'
import { i18n } from '@/locales'

export { desktop, type Called } from '@/bridge/testing'

/** Mounts a component into the page, with translator, store and routes. */
export async function show<C extends Component>(component: C, options: ComponentMountingOptions<C> = {}) {
  const empty = { template: '<i />' }
  const router = createRouter({
    history: createMemoryHistory(),
    routes: ['/board', '/channels', '/forms', '/forms/:id', '/intake/:draft?', '/settings', '/sync'].map(
      (path) => ({
        path,
        component: empty,
      }),
    ),
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
  undesktop()
  document.body.innerHTML = ''
})
