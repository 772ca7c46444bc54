/// <reference types="vitest/config" />
// Builds the interface into `dist`, which the desktop shell embeds; runs its tests too.
import vue from '@vitejs/plugin-vue'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'

export default defineConfig({
  // The pages are served from the application's own scheme: no absolute paths.
  base: './',
  plugins: [vue()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  define: {
    // The strict content security policy forbids eval: messages are interpreted, and the legacy interface is left out.
    __VUE_I18N_LEGACY_API__: 'false',
    __VUE_I18N_FULL_INSTALL__: 'false',
    __INTLIFY_DROP_MESSAGE_COMPILER__: 'false',
    __INTLIFY_PROD_DEVTOOLS__: 'false',
  },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    // WebKitGTK 2.50 and WebView2 are newer; the oldest webview met is that of macOS 12.
    target: ['safari15.4', 'chrome109'],
    // An inlined asset would be a data: address, which the policy grants to images only.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1200,
  },
  worker: { format: 'es' },
  server: { port: 5173, strictPort: true },
  test: {
    environment: 'happy-dom',
    include: ['src/**/*.test.ts'],
    setupFiles: ['src/shell/testing.ts'],
    // Its components import their own styles, which Node cannot read by itself.
    server: { deps: { inline: ['element-plus'] } },
    testTimeout: 30_000, // a busy machine is no fault
    restoreMocks: true,
  },
})
