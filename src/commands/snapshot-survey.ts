import { YurtSshError } from '../errors.js'
import { selectHosts } from '../inventory/select.js'
import type { Host } from '../inventory/types.js'
import type { Snapshot } from '../lab/snapshot/format.js'
import { assembleFleet } from '../plan/fleet.js'
import type { PlanOptions } from '../plan/options.js'
import type { Survey } from './gather.js'
import type { CommonOptions } from './options.js'
import { type Site, withCloudNodes } from './site.js'

/** A snapshot as if its hosts had just been read; nothing of it can be connected to. */
export function snapshotSurvey(
  { cluster, hosts: entries, release, images }: Snapshot,
  given: CommonOptions,
  options: PlanOptions,
): { survey: Survey; site: Pick<Site, 'inventory' | 'selected' | 'options'> } {
  const listed = entries.map(
    ({ facts: _facts, failure: _failure, ...entry }): Host => ({ ...entry, ...unreachable }),
  )
  const hosts = withCloudNodes(listed, given.cloudNodes)
  const facts = new Map(
    entries.flatMap((host) => (host.facts === undefined ? [] : [[host.name, host.facts]])),
  )
  const failures = new Map(
    entries.flatMap(({ name, failure }) =>
      failure === undefined ? [] : [[name, new YurtSshError(failure.code, failure.message, { host: name })]],
    ),
  )
  return {
    survey: { fleet: assembleFleet(hosts, hosts, facts, cluster), facts, failures },
    site: {
      inventory: { file: 'snapshot', release, images, hosts, groups: [], warnings: [], unread: [] },
      selected: new Set(selectHosts(hosts, given.limit).map(({ name }) => name)),
      options,
    },
  }
}

const unreachable: Pick<Host, 'ssh' | 'position'> = {
  ssh: {
    address: '',
    port: 22,
    user: '',
    identityFile: [],
    identitiesOnly: true,
    knownHosts: [],
    strictHostKeyChecking: 'strict',
    connectTimeout: 1,
  },
  position: { file: 'snapshot', line: 1, column: 1 },
}
