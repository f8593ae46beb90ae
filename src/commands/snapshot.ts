import { existsSync, writeFileSync } from 'node:fs'
import { fileError } from '../errors/file.js'
import type { Snapshot } from '../lab/snapshot/format.js'
import { makeSnapshot } from '../lab/snapshot/make.js'
import { conversionAsks } from './convert.js'
import { gather } from './gather.js'
import type { CommonOptions, Listener } from './options.js'
import { openSite } from './site.js'

export interface TakenSnapshot {
  snapshot: Snapshot
  /** Values that looked like secrets and were replaced. */
  replaced: number
}

/** Reads cluster and hosts as `status` does and takes secrets out; changes nothing and writes nothing. */
export async function takeSnapshot(given: CommonOptions, listener: Listener): Promise<TakenSnapshot> {
  const site = await openSite(given, listener)
  site.warnings.forEach(listener.tell)
  try {
    const { fleet, facts, failures } = await gather(
      site,
      { ...conversionAsks, hosts: 'all' },
      listener.signal,
    )
    const { release, images } = site.options
    return makeSnapshot({
      taken: new Date().toISOString(),
      release: release.name,
      images,
      cluster: fleet.cluster,
      hosts: site.inventory.hosts,
      facts,
      failures,
    })
  } finally {
    site.close()
  }
}

/** Before anything is read for it. @throws YurtSshError SNAPSHOT_FILE: a file of that name is there already */
export function requireAbsent(file: string): void {
  if (existsSync(file))
    throw fileError('SNAPSHOT_FILE', file, 'written', Object.assign(new Error(file), { code: 'EEXIST' }))
}

/** @throws YurtSshError SNAPSHOT_FILE: a file is there already, or cannot be written */
export function writeSnapshot(file: string, snapshot: Snapshot): void {
  try {
    writeFileSync(file, `${JSON.stringify(snapshot, null, 1)}\n`, { mode: 0o600, flag: 'wx' })
  } catch (cause) {
    throw fileError('SNAPSHOT_FILE', file, 'written', cause)
  }
}
