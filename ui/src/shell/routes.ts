// Which page stands under which address. Every page is its own chunk, so that the window opens before all are read.
import { createMemoryHistory, createRouter, type RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  { path: '/board', name: 'board', component: () => import('@/features/board/BoardPage.vue') },
  { path: '/forms', name: 'forms', component: () => import('@/features/archive/ArchivePage.vue') },
  { path: '/intake/:draft?', name: 'intake', component: () => import('@/features/intake/IntakePage.vue') },
  { path: '/forms/:id', name: 'form', component: () => import('@/features/detail/DetailPage.vue') },
  {
    path: '/customers',
    name: 'customers',
    component: () => import('@/features/customers/CustomersPage.vue'),
  },
  {
    path: '/customers/:id',
    name: 'customer',
    component: () => import('@/features/customers/CustomerPage.vue'),
  },
  { path: '/visits', name: 'visits', component: () => import('@/features/visits/VisitsPage.vue') },
  { path: '/visits/:id', name: 'visit', component: () => import('@/features/visits/VisitPage.vue') },
  {
    path: '/channels',
    name: 'channels',
    component: () => import('@/features/channels/ChannelsPage.vue'),
  },
  { path: '/field', name: 'field', component: () => import('@/features/field/FieldPage.vue') },
  {
    path: '/field/:id',
    name: 'service',
    component: () => import('@/features/field/ServicePage.vue'),
  },
  { path: '/settings', name: 'settings', component: () => import('@/features/settings/SettingsPage.vue') },
  { path: '/sync', name: 'sync', component: () => import('@/features/sync/SyncPage.vue') },
  { path: '/:rest(.*)*', redirect: '/board' },
]

/** Addresses live in memory only: a webview writes the ones it visits to its own history, in plain text. */
export const router = createRouter({ history: createMemoryHistory(), routes })
