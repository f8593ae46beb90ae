import { readFileSync } from 'node:fs'
import type { ClusterFacts } from '../../cluster/types.js'
import { fileError } from '../../errors/file.js'
import { YurtSshError } from '../../errors.js'
import type { Host, Images } from '../../inventory/types.js'
import type { HostFacts } from '../../node/types.js'
import { shapeProblem } from './shape.js'

/** Of a host's entry in the inventory: everything but how to reach it. */
export type SnapshotHost = Omit<Host, 'ssh' | 'sshOrigins' | 'position'> & {
  facts?: HostFacts
  /** Why it could not be read. */
  failure?: { code: string; message: string }
}

/** What yurt-ssh knows of a fleet at one moment, with secrets taken out: docs/rehearse.md. */
export interface Snapshot {
  format: 1
  /** RFC 3339. */
  taken: string
  release: string
  images: Images
  cluster: ClusterFacts
  hosts: SnapshotHost[]
}

/** @throws YurtSshError SNAPSHOT_INVALID */
export function readSnapshot(file: string): Snapshot {
  let found: Partial<Snapshot> | null
  try {
    found = JSON.parse(readFileSync(file, 'utf8')) as Partial<Snapshot> | null
  } catch (cause) {
    if (cause instanceof SyntaxError) throw invalid(file, `is no JSON: ${cause.message}`)
    throw fileError('SNAPSHOT_INVALID', file, 'read', cause)
  }
  if (found?.format !== 1) {
    throw invalid(
      file,
      `has format ${JSON.stringify(found?.format ?? null)}, this version of yurt-ssh reads format 1`,
    )
  }
  if (!Array.isArray(found.hosts) || !Array.isArray(found.cluster?.nodes))
    throw invalid(file, 'lacks its hosts or its cluster')
  const problem = shapeProblem(found)
  if (problem !== undefined) throw invalid(file, `is damaged: ${problem}`)
  return found as Snapshot
}

function invalid(file: string, problem: string): YurtSshError {
  return new YurtSshError('SNAPSHOT_INVALID', `${file} ${problem}`, {
    hint: 'make it with `yurt-ssh snapshot --out`',
  })
}
