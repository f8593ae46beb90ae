import tseslint from 'typescript-eslint'

// Biome lints and formats; this adds the two type-aware rules that it lacks. An async callback where a boolean is
// expected (ssh2's hostVerifier takes a Promise as yes) would let any host key pass.
export default tseslint.config({
  files: ['**/*.ts'],
  languageOptions: { parser: tseslint.parser, parserOptions: { projectService: true } },
  plugins: { '@typescript-eslint': tseslint.plugin },
  rules: {
    '@typescript-eslint/no-floating-promises': 'error',
    '@typescript-eslint/no-misused-promises': 'error',
    '@typescript-eslint/switch-exhaustiveness-check': 'error',
  },
})
