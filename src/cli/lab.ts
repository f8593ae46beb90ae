import { type Command, InvalidArgumentError, Option } from 'commander'
import type { LabStatus } from '../lab/daemon/control.js'
import { print } from './terminal.js'

interface LabFlags {
  dir: string
  hosts: number
  speed: number
  realistic?: boolean
  clear?: boolean
  json?: boolean
}

/** The kinds of faults in words: the lab itself, which has them as data, is not loaded for a help text. */
const faultText =
  'latency, cut-link, no-api, unreachable, slow-disk, disk-full, wrong-sudo, hub-never-healthy, hub-not-in-image, hub-dies, kubelet-does-not-start, image-missing, file-changed, kcm-does-not-start; of api: slow, failing, gone; docs/lab.md says what each does'

/** `yurt-ssh lab …`; loaded when called, as the other commands are. */
export function addLabCommands(program: Command): void {
  const lab = program.command('lab').description('a fleet to try yurt-ssh on, in one process on this machine')
  const command = (name: string, description: string, hidden = false): Command =>
    lab.command(name, { hidden }).description(description).requiredOption('--dir <dir>', 'folder of the lab')

  sized(command('up', 'start a lab in the background'))
    .option('--json', 'print the result as JSON')
    .action(async ({ realistic = false, ...flags }: LabFlags) => {
      const { labUp } = await import('../commands/lab.js')
      await print(
        flags.json === true,
        await labUp({ ...flags, realistic }),
        `The lab is up. Its inventory: ${flags.dir}/inventory.yaml${speedText(flags.speed)}`,
      )
    })

  command('down', 'stop a lab; nothing of it runs on')
    .option('--json', 'print the result as JSON')
    .action(async ({ dir, json = false }: LabFlags) => {
      const { labDown } = await import('../commands/lab.js')
      const stopped = await labDown(dir)
      await print(json, { stopped }, stopped ? 'The lab is down.' : 'No lab ran there.')
    })

  command('fault', 'make a host of a lab sick, or well again')
    .argument('<host>', 'name of a host, or api for the API server')
    .argument('<kind>', faultText)
    .option('--clear', 'end the fault')
    .option('--json', 'print the result as JSON')
    .action(async (host: string, kind: string, { dir, clear = false, json = false }: LabFlags) => {
      const { labFault } = await import('../commands/lab.js')
      const status = await labFault(dir, host, kind, !clear)
      await print(json, status, await renderLab(status))
    })

  command('status', 'show the hosts of a lab and what is wrong with them')
    .option('--json', 'print the result as JSON')
    .action(async ({ dir, json = false }: LabFlags) => {
      const { labStatus } = await import('../commands/lab.js')
      const status = await labStatus(dir)
      await print(json, status, await renderLab(status))
    })

  sized(command('serve', 'run a lab in this process', true)).action(
    async ({ dir, hosts, speed, realistic }: LabFlags) => {
      const { serveLab } = await import('../lab/daemon/serve.js')
      await serveLab({ dir, hosts, speed, ...(realistic ? { hubFirstStartSeconds: 40 } : {}) })
    },
  )
}

function sized(command: Command): Command {
  return command
    .addOption(new Option('--hosts <n>', 'how many hosts, 1 to 50').argParser(between(1, 50)).default(5))
    .addOption(
      new Option('--speed <n>', 'how many times as fast its clock runs').argParser(between(1, 50)).default(1),
    )
    .option('--realistic', "a hub's first start takes 40 s of the lab, as the real one does")
}

function between(least: number, most: number): (text: string) => number {
  return (text) => {
    const number = Number(text)
    if (Number.isInteger(number) && number >= least && number <= most) return number
    throw new InvalidArgumentError(`must be a whole number from ${least} to ${most}`)
  }
}

/** Whose seconds are whose, where they differ. */
function speedText(speed: number): string {
  return speed === 1
    ? ''
    : `\nIts clock runs ${speed} times as fast: limits ("up to 180 s") and times of steps are its seconds, those of hosts, phases and runs are yours.`
}

async function renderLab({ speed, api, hosts }: LabStatus): Promise<string> {
  const { table } = await import('../report/table.js')
  const rows = hosts.map(({ name, role, port, faults }) => [
    name,
    role,
    `127.0.0.1:${port}`,
    faults.join(', ') || 'well',
  ])
  return [`clock ${speed} times as fast, API server ${api.url} ${api.health}`, table(rows)].join('\n')
}
