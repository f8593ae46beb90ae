import { describe, expect, it } from 'vitest'
import { applyDefaults } from '../../src/cli/defaults.js'
import { leavesOf } from '../../src/cli/leaves.js'
import { createProgram } from '../../src/cli/program.js'

/** The flags of `convert` as it gets them, by argv, environment and file. */
async function flagsOf(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  file: string,
): Promise<Record<string, unknown>> {
  const program = createProgram(() => {})
  let flags: Record<string, unknown> = {}
  for (const command of leavesOf(program))
    command
      .exitOverride()
      .configureOutput({ writeErr: () => {} })
      .action((...given: unknown[]) => {
        flags = given.find((one) => typeof one === 'object') as typeof flags
      })
  for (const above of [program, ...program.commands])
    above.hook('preSubcommand', async (_, command) => {
      if (command.commands.length === 0) await applyDefaults(program, command, env, file)
    })
  await program.parseAsync(['node', 'yurt-ssh', ...args])
  return flags
}

type Row = [title: string, args: string, env: NodeJS.ProcessEnv, file: string, flags: Record<string, unknown>]

describe('defaults', () => {
  it.each<Row>([
    ['a file', 'convert', {}, 'inventory: a.yaml\nforks: 7', { inventory: ['a.yaml'], forks: 7 }],
    [
      'the environment goes before the file',
      'convert',
      { YURT_SSH_FORKS: '8' },
      'inventory: a.yaml\nforks: 7',
      { forks: 8 },
    ],
    [
      'a flag goes before both',
      'convert -f 9',
      { YURT_SSH_FORKS: '8' },
      'inventory: a.yaml\nforks: 7',
      { forks: 9 },
    ],
    [
      'an empty variable is none',
      'convert',
      { YURT_SSH_FORKS: '' },
      'inventory: a.yaml\nforks: 7',
      { forks: 7 },
    ],
    ['without any', 'convert -i a.yaml', {}, '', { inventory: ['a.yaml'], forks: 30, yes: undefined }],
    ['a list', 'convert', {}, 'inventory: a.yaml\nlimit: [edge, "!edge-7"]', { limit: ['edge', '!edge-7'] }],
    [
      'inventories in a list',
      'convert',
      {},
      'inventory: [a.yaml, b.yaml]',
      { inventory: ['a.yaml', 'b.yaml'] },
    ],
    [
      'inventories of the command line take the place of a default',
      'convert -i b.yaml -i c.yaml',
      { YURT_SSH_INVENTORY: 'a.yaml' },
      '',
      { inventory: ['b.yaml', 'c.yaml'] },
    ],
    [
      'a command in a group',
      'lab up --hosts 3',
      { YURT_SSH_DIR: '/tmp/lab' },
      'lab up: {speed: 10}\nlab down: {dir: x}',
      { dir: '/tmp/lab', hosts: 3, speed: 10 },
    ],
    ['a list in a variable', 'convert -i a', { YURT_SSH_LIMIT: 'a, b' }, '', { limit: ['a', 'b'] }],
    [
      'switches',
      'convert',
      { YURT_SSH_YES: 'true', YURT_SSH_DIFF: '0' },
      'inventory: a\njoin-token: true\ncheck: false',
      { yes: true, diff: undefined, joinToken: true, check: undefined },
    ],
    ['what counts', 'convert -i a', {}, 'verbose: 2', { verbose: 2 }],
    ['what counts, as a switch', 'convert -i a', { YURT_SSH_VERBOSE: 'true' }, '', { verbose: 1 }],
    [
      'a flag against a default that it excludes',
      'convert -i a -v',
      {},
      'quiet: true',
      { verbose: 1, quiet: false },
    ],
    ['and the other way round', 'convert -i a -q', {}, 'verbose: 2', { verbose: 0, quiet: true }],
    [
      'a command of its own',
      'status',
      {},
      'inventory: a\nstatus: {inventory: b, watch: 5}\nconvert: {inventory: c}',
      { inventory: ['b'], watch: 5 },
    ],
    [
      'an optional value that is only on',
      'status',
      {},
      'inventory: a\nstatus: {watch: true}',
      { watch: true },
    ],
    ['a flag of other commands only', 'runs', {}, 'inventory: a.yaml\nforks: 7', { json: undefined }],
  ])('%s', async (_, args, env, file, flags) => {
    const all = await flagsOf(args.split(' '), env, file)
    expect(Object.fromEntries(Object.keys(flags).map((name) => [name, all[name]]))).toEqual(flags)
  })

  it.each<[file: string, env: NodeJS.ProcessEnv, message: string]>([
    ['forks: 7\nforsk: 8', {}, 'yurt-ssh.yaml:2:1: no command has a flag --forsk, did you mean "forks"?'],
    ['convert:\n  fork: 8', {}, 'yurt-ssh.yaml:2:3: convert has no flag --fork, did you mean "forks"?'],
    ['runs: {forks: 8}', {}, 'yurt-ssh.yaml:1:8: runs has no flag --forks'],
    ['lab up: {sped: 8}', {}, 'yurt-ssh.yaml:1:10: lab up has no flag --sped, did you mean "speed"?'],
    ['forks: many', {}, 'yurt-ssh.yaml:1:1: --forks "many": must be a whole number from 1'],
    ['max-fail: some', {}, 'yurt-ssh.yaml:1:1: --max-fail: "some" is no amount'],
    ['', { YURT_SSH_FORKS: '0' }, 'YURT_SSH_FORKS: --forks "0": must be a whole number from 1'],
    ['', { YURT_SSH_YES: 'maybe' }, 'YURT_SSH_YES: --yes is on or off: write true or false'],
    ['forks: true', {}, 'yurt-ssh.yaml:1:1: --forks takes a value'],
    ['forks: {a: 1}', {}, 'yurt-ssh.yaml:1:1: must be text, a number, true, false, or a list'],
    ['limit: [[a]]', {}, 'yurt-ssh.yaml:1:1: must be text, a number, true, false, or a list'],
    ['- forks', {}, 'yurt-ssh.yaml:1:1: it must be a map of flags'],
    ['a: "', {}, 'yurt-ssh.yaml:1:5: Missing closing "quote'],
    ['help: true', {}, 'yurt-ssh.yaml:1:1: no command has a flag --help'],
    [
      'provider: kubespray',
      {},
      'yurt-ssh.yaml:1:1: --provider "kubespray": Allowed choices are kubeadm, kind, minikube.',
    ],
  ])('%j with %o is refused', async (file, env, message) => {
    await expect(flagsOf(['convert', '-i', 'a'], env, file)).rejects.toMatchObject({
      code: 'USAGE_DEFAULTS',
      message,
    })
  })
})
