import { existsSync } from 'node:fs'
import type { Clock } from '../../types.js'
import type { Reply } from '../calls.js'
import { environmentFiles } from './command-line.js'
import type { Service } from './service.js'
import { type LoadedUnit, loadUnit, unitText } from './unit-files.js'
import { wordingOf } from './versions.js'

export interface Systemd {
  systemctl(args: readonly string[]): Promise<Reply>
  service(name: string): Service
  kill(): Promise<void>
}

/** The properties that it knows, in the order in which it tells of them, whatever the order of the question. */
const properties = [
  'MainPID',
  'ExecMainStartTimestamp',
  'EnvironmentFiles',
  'LoadState',
  'ActiveState',
  'FragmentPath',
  'DropInPaths',
] as const

/**
 * systemd as far as `systemctl` shows it. Units are read when they are first asked for and at each daemon-reload, their
 * environment files at each start; `create` makes the service behind a unit.
 */
export function createSystemd(
  root: string,
  systemd: number,
  clock: Clock,
  create: (name: string) => Service,
): Systemd {
  const wording = wordingOf(systemd)
  let loaded = new Map<string, LoadedUnit | undefined>()
  const services = new Map<string, Service>()
  const startedAt = new Map<string, number>()

  function unit(name: string): LoadedUnit | undefined {
    if (!loaded.has(name) || loaded.get(name) === undefined) loaded.set(name, loadUnit(root, name))
    return loaded.get(name)
  }

  function service(name: string): Service {
    const known = services.get(name) ?? create(name)
    services.set(name, known)
    return known
  }

  function property(name: string, wanted: (typeof properties)[number]): string {
    const found = unit(name)
    const state = services.get(name)
    const value = {
      MainPID: () => String(state?.mainPid() ?? 0),
      ExecMainStartTimestamp: () => timestamp(startedAt.get(name)),
      LoadState: () => (found === undefined ? 'not-found' : 'loaded'),
      ActiveState: () => state?.state() ?? 'inactive',
      FragmentPath: () => found?.fragment ?? '',
      DropInPaths: () => found?.dropIns.join(' ') ?? '',
    }
    if (wanted !== 'EnvironmentFiles') return `${wanted}=${value[wanted]()}\n`
    const lines = environmentFiles(found?.settings ?? []).map(
      ({ path, optional }) =>
        `${wording.environmentFile}=${path} (ignore_errors=${optional ? 'yes' : 'no'})\n`,
    )
    return lines.join('') + wording.afterEnvironmentFiles
  }

  async function start(name: string): Promise<Reply> {
    const found = unit(name)
    if (found === undefined)
      return { status: 5, stderr: `Failed to start ${name}: Unit ${name} not found.\n` }
    if (service(name).state() !== 'active') startedAt.set(name, clock.now())
    const { problem } = await service(name).start(found)
    if (problem === undefined) return { status: 0 }
    return { status: 1, stderr: `Job for ${name} failed: ${problem}\n` }
  }

  return {
    service,
    async systemctl(args) {
      if (args[0] === '--version') return { status: 0, stdout: wording.version }
      const wanted = args.filter((_, index) => args[index - 1] === '-p')
      const [verb = '', ...units] = args.filter(
        (word, index) => !word.startsWith('-') && args[index - 1] !== '-p',
      )
      const names = units.map((given) => (given.includes('.') ? given : `${given}.service`))
      const [name = ''] = names
      switch (verb) {
        case 'daemon-reload':
          loaded = new Map()
          return { status: 0 }
        case 'show':
          return {
            status: 0,
            stdout: names
              .map((shown) =>
                properties
                  .filter((key) => wanted.includes(key))
                  .map((key) => property(shown, key))
                  .join(''),
              )
              .join('\n'),
          }
        case 'cat': {
          const found = unit(name)
          if (found === undefined) return { status: 1, stderr: `No files found for ${name}.\n` }
          const paths = [found.fragment, ...found.dropIns].filter((path) => existsSync(root + path))
          return { status: 0, stdout: unitText(root, paths) }
        }
        case 'start':
          return start(name)
        case 'stop': {
          const stopped = service(name).stop()
          if (!args.includes('--no-block')) await stopped
          return { status: 0 }
        }
        case 'restart':
          await service(name).stop()
          return start(name)
        case 'is-active': {
          const state = service(name).state()
          return { status: state === 'active' ? 0 : 3, stdout: `${state}\n` }
        }
        default:
          return { status: 1, stderr: `systemctl of the lab does not know ${args.join(' ')}\n` }
      }
    },
    async kill() {
      await Promise.all([...services.values()].map((known) => known.kill()))
    },
  }
}

/** As systemctl writes it, in UTC: `Tue 2026-11-24 23:19:10 UTC`. */
function timestamp(time: number | undefined): string {
  if (time === undefined) return 'n/a'
  const date = new Date(time)
  const [day = ''] = date.toUTCString().split(',')
  return `${day} ${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`
}
