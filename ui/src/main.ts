// Entry of the interface: puts the application together and on screen.
import 'element-plus/es/components/base/style/css'
import 'element-plus/theme-chalk/dark/css-vars.css'
import './theme.css'
import { createPinia } from 'pinia'
import { createApp } from 'vue'
import App from './App.vue'
import { i18n } from './locales'
import { refused } from './shell/notice'
import { router } from './shell/routes'
import { listenForShortcuts } from './shell/shortcuts'

// A file dropped beside its place would replace the whole application by itself.
for (const name of ['dragover', 'drop'] as const) {
  window.addEventListener(name, (event) => event.preventDefault())
}
// Nothing that fails may fail silently.
window.addEventListener('unhandledrejection', (event) => refused(event.reason))

listenForShortcuts()
const app = createApp(App).use(createPinia()).use(i18n).use(router)
app.config.errorHandler = (thrown) => refused(thrown)
void router.replace('/board')
app.mount('#app')
