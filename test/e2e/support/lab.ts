import { existsSync, mkdirSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

/** The checkout. */
export const root = fileURLToPath(new URL('../../..', import.meta.url))

/** What `npm run lab:up` leaves there. */
export const labDirectory = path.join(root, '.lab')
export const inventoryFile = path.join(labDirectory, 'inventory.yaml')

export const controlPlanes = ['cp-1', 'cp-2'] as const
export const cloudNodes = ['cp-1', 'cp-2', 'cloud-1'] as const
export const edgeNodes = ['edge-1', 'edge-2'] as const
/** Nodes whose kubelet goes through a hub once converted. */
export const hubNodes = ['cloud-1', 'edge-1', 'edge-2'] as const
export const allNodes = ['cp-1', 'cp-2', 'cloud-1', 'edge-1', 'edge-2'] as const

/** OpenYurt's own hub needs more than 40 s for its first start, the stand-in 3. */
export const realBinaries = (process.env.OPENYURT_BIN ?? '') !== ''

/** A path for what the suite keeps: outputs of runs, inventories of its own. */
export function scratchFile(name: string): string {
  const directory = path.join(labDirectory, 'e2e')
  mkdirSync(directory, { recursive: true })
  return path.join(directory, name)
}

/** What the suite cannot start without, each with what to do about it. */
export function missingPieces(): string[] {
  const missing: string[] = []
  if (!existsSync(path.join(root, 'dist/cli.js'))) missing.push('dist/cli.js is not there: npm run build')
  for (const name of ['inventory.yaml', 'kubectl', 'kubeconfig']) {
    if (!existsSync(path.join(labDirectory, name))) missing.push(`.lab/${name} is not there: npm run lab:up`)
  }
  return missing
}
