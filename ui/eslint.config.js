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
const features = [
  'opening',
  'archive',
  'board',
  'settings',
  'intake',
  'detail',
  'scripts',
  'field',
  'visits',
  'sync',
]

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
    rules: {
      'no-restricted-imports': ['error', { patterns: [tauri] }],
      // The TypeScript compiler knows every name.
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
