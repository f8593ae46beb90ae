import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { HostFile } from '../lab/fleet/types.js'
import { type Lab, startLab } from '../lab/lab.js'
import { rehearsalInventory } from '../lab/rehearsal/inventory.js'
import { rehearsalSpec } from '../lab/rehearsal/specs.js'
import { serverOf } from '../node/kubeconfig.js'
import type { FleetMember } from '../plan/fleet.js'
import type { PlanOptions } from '../plan/options.js'
import { defaultPace } from '../rollout/pace.js'
import type { ChangeResult } from './change.js'
import { convert } from './convert.js'
import type { CommonOptions, Listener, Surroundings } from './options.js'
import { revert } from './revert.js'

/** What became of the copy of a fleet. */
export interface Rehearsed {
  convert: ChangeResult
  revert: ChangeResult
  /** Files that came back otherwise, as `node:path`. */
  unlike: string[]
}

/** The lab's time runs so many times as fast. */
const speed = 10

/** Builds these hosts in a lab of their own, converts and reverts them, and leaves nothing. */
export async function rehearseInLab(
  members: readonly FleetMember[],
  serverVersion: string,
  given: CommonOptions,
  options: PlanOptions,
  listener: Listener,
): Promise<Rehearsed> {
  const folder = mkdtempSync(join(tmpdir(), 'yurt-ssh-rehearsal-'))
  const dir = join(folder, 'lab')
  try {
    const lab = await startLab({
      dir,
      speed,
      apiServers: serversOf(members),
      gitVersion: serverVersion,
      hosts: (authority) => members.map((member, index) => rehearsalSpec(member, index, authority, options)),
    })
    try {
      const inventory = join(dir, 'rehearsal.yaml')
      writeFileSync(inventory, rehearsalInventory(members, lab.hosts, options.release.name))
      return await thereAndBack(lab, { ...labOptions(given, options), inventory: [inventory] }, listener)
    } finally {
      await lab.close()
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function thereAndBack(lab: Lab, given: CommonOptions, listener: Listener): Promise<Rehearsed> {
  const surroundings: Surroundings = {
    ...listener,
    approve: () => Promise.resolve(true),
    approveRecovery: () => Promise.resolve(true),
    approveWave: () => Promise.resolve(true),
    watch: () => ({ emit: () => undefined, done: () => undefined }),
  }
  listener.tell('convert …')
  const there = await convert({ ...given, pace: defaultPace }, surroundings)
  listener.tell('revert …')
  const back = await revert({ ...given, limit: [], pace: defaultPace }, surroundings)
  const unlike = lab.hosts.flatMap(({ spec, root }) =>
    changedFiles(spec.files, root).map((path) => `${spec.name}:${path}`),
  )
  return { convert: there, revert: back, unlike }
}

/** The operator's options but for those that name the real cluster. */
function labOptions({ kubeconfig: _real, ...given }: CommonOptions, options: PlanOptions): CommonOptions {
  return { ...given, images: options.images, check: false }
}

/** Addresses of the API server as these hosts write them. */
function serversOf(members: readonly FleetMember[]): string[] {
  const written = members.flatMap(({ facts }) => [
    serverOf(facts.files.kubeconfig),
    ...Object.keys(facts.api),
  ])
  return [...new Set(written.flatMap((server) => (URL.canParse(server) ? new URL(server).origin : [])))]
}

/** What a revert must bring back: every byte. */
function changedFiles(files: readonly HostFile[], root: string): string[] {
  return files.flatMap(({ path, text }) => {
    const file = root + path
    return text === undefined || (existsSync(file) && readFileSync(file, 'utf8') === text) ? [] : path
  })
}
