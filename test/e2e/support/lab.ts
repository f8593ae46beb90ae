import { existsSync, mkdirSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

/** The checkout. */
export const root = fileURLToPath(new URL('../../..', import.meta.url))

/** Which of the two labs this run works on. */
export const embedded = process.env.E2E_LAB === 'embedded'

/** What `npm run lab:up`, or `yurt-ssh lab up`, leaves there. */
export const labDirectory = embedded
  ? path.resolve(process.env.E2E_LAB_DIR ?? path.join(root, '.lab-embedded'))
  : path.join(root, '.lab')
export const inventoryFile = path.join(labDirectory, 'inventory.yaml')
export const kubeconfigFile = path.join(labDirectory, 'kubeconfig')

/** How many times as fast as ours the lab's clock runs. */
export const speed = embedded ? Number(process.env.E2E_LAB_SPEED ?? 1) : 1

/** Both labs have two control planes or three, a cloud worker and two edge workers. */
export const controlPlanes = embedded ? ['cp-1', 'cp-2', 'cp-3'] : ['cp-1', 'cp-2']
export const edgeNodes = ['edge-1', 'edge-2']
export const cloudNodes = [...controlPlanes, 'cloud-1']
/** Nodes whose kubelet goes through a hub once converted. */
export const hubNodes = ['cloud-1', ...edgeNodes]
export const allNodes = [...cloudNodes, ...edgeNodes]

/** OpenYurt's own hub needs more than 40 s for its first start, the stand-ins some seconds. */
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
  for (const file of [inventoryFile, kubeconfigFile])
    if (!existsSync(file)) missing.push(`${path.relative(root, file)} is not there: npm run lab:up`)
  return missing
}
