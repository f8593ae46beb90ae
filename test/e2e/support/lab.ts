import { existsSync, mkdirSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

/** The checkout. */
export const root = fileURLToPath(new URL('../../..', import.meta.url))

/** Which of the two labs this run works on. */
export const embedded = process.env.E2E_LAB === 'embedded'

/** Which of the real labs: `lab:up -- --kubernetes VERSION`; without it the one of 1.20. */
export const kubernetes = process.env.E2E_KUBERNETES ?? '1.20'
const classic = kubernetes === '1.20'

/** What `npm run lab:up`, or `yurt-ssh lab up`, leaves there. */
export const labDirectory = embedded
  ? path.resolve(process.env.E2E_LAB_DIR ?? path.join(root, '.lab-embedded'))
  : path.join(root, classic ? '.lab' : `.lab-${kubernetes}`)
export const inventoryFile = path.join(labDirectory, 'inventory.yaml')
export const kubeconfigFile = path.join(labDirectory, 'kubeconfig')

/** The container that is a machine of the real lab: `prefix` in test/lab/versions. */
export function containerOf(machine: string): string {
  return classic ? machine : `k${kubernetes}-${machine}`
}

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
  const program = existsSync(path.join(root, 'dist/cli.js'))
    ? []
    : ['dist/cli.js is not there: npm run build']
  return [...program, ...missingLab()]
}

/** The lab's part of it. */
export function missingLab(): string[] {
  const command = `npm run lab:up${classic ? '' : ` -- --kubernetes ${kubernetes}`}`
  return [inventoryFile, kubeconfigFile]
    .filter((file) => !existsSync(file))
    .map((file) => `${path.relative(root, file)} is not there: ${command}`)
}
