// What the interface's code must keep to, beyond formatting.
import js from '@eslint/js'
import prettier from 'eslint-config-prettier'
import vue from 'eslint-plugin-vue'
import ts from 'typescript-eslint'

const tauri = {
  group: ['@tauri-apps/*'],
  message: 'Only src/bridge speaks to the desktop.',
}
const feature = (...others) => ({
  group: others.map((name) => `@/features/${name}/*`),
  message: 'Features never import one another.',
})
const features = ['opening', 'archive', 'settings', 'intake', 'detail']

export default ts.config(
  { ignores: ['dist', 'node_modules', 'src/bridge/generated'] },
  js.configs.recommended,
  ...ts.configs.recommended,
  ...vue.configs['flat/recommended'],
  prettier,
  {
    files: ['**/*.vue'],
    languageOptions: { parserOptions: { parser: ts.parser, extraFileExtensions: ['.vue'] } },
  },
  {
    files: ['src/**'],
    languageOptions: {
      globals: Object.fromEntries(
        [
          'window document navigator console crypto localStorage matchMedia fetch URL Blob File FileReader',
          'setTimeout clearTimeout setInterval clearInterval requestAnimationFrame cancelAnimationFrame',
          'performance structuredClone queueMicrotask getComputedStyle ResizeObserver IntersectionObserver',
          'TextEncoder TextDecoder Intl Event KeyboardEvent MouseEvent PointerEvent ClipboardEvent DragEvent',
          'InputEvent CompositionEvent FocusEvent DataTransfer DOMException AbortController Worker Node Range',
          'Selection HTMLElement HTMLInputElement HTMLTextAreaElement HTMLCanvasElement HTMLButtonElement',
          'HTMLDivElement HTMLDialogElement HTMLFormElement Element EventTarget MediaQueryListEvent Image',
        ]
          .join(' ')
          .split(' ')
          .map((name) => [name, 'readonly']),
      ),
    },
    rules: {
      'no-restricted-imports': ['error', { patterns: [tauri] }],
      // The compiler knows every name; the list above is for templates and plain scripts.
      'no-undef': 'off',
      'no-console': 'error',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      'vue/multi-word-component-names': 'off',
      'vue/no-v-html': 'error',
      'vue/require-default-prop': 'off',
      'vue/block-order': ['error', { order: ['script', 'template', 'style'] }],
    },
  },
  ...features.map((own) => ({
    files: [`src/features/${own}/**`],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [tauri, feature(...features.filter((name) => name !== own))] },
      ],
    },
  })),
  {
    files: ['src/parts/**'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            tauri,
            { group: ['@/features/*'], message: 'Parts know no feature.' },
            {
              group: ['@/bridge/*', '!@/bridge/generated'],
              allowTypeImports: true,
              message: 'Parts make no business calls.',
            },
          ],
        },
      ],
    },
  },
  {
    files: ['src/bridge/**', 'src/**/*.test.ts', 'src/shell/testing.ts'],
    rules: { 'no-restricted-imports': 'off' },
  },
)
