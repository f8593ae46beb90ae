/** One direction of data: a module imports only from itself and from layers to its left. */
const layers = [
  'errors',
  'words',
  'templates',
  'releases',
  'inventory',
  'ssh',
  'node',
  'cluster',
  'plan',
  'rollout',
  'report',
  'lab',
  'commands',
  'cli',
]

const pattern = (names) => `^src/(${names.join('|')})(/|\\.ts$)`

module.exports = {
  forbidden: [
    { name: 'no-cycle', severity: 'error', from: {}, to: { circular: true } },
    ...layers.slice(0, -1).map((layer, index) => ({
      name: `${layer}-imports-only-leftwards`,
      severity: 'error',
      from: { path: pattern([layer]) },
      to: { path: pattern(layers.slice(index + 1)) },
    })),
    {
      name: 'rollout-never-imports-report',
      severity: 'error',
      from: { path: '^src/rollout' },
      to: { path: '^src/report' },
    },
    {
      name: 'embedded-lab-shares-no-parser-with-the-product',
      comment:
        'docs/adr/0014: sharing our code would share its faults; what rehearses or replays hosts has their facts',
      severity: 'error',
      from: { path: '^src/lab/', pathNot: '^src/lab/(snapshot|rehearsal|replay)/' },
      to: { path: '^src/(node|plan|rollout|ssh)/' },
    },
    {
      name: 'every-module-has-a-layer',
      severity: 'error',
      from: { path: '^src/', pathNot: pattern(layers) },
      to: {},
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
  },
}
