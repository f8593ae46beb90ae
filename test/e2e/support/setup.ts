import { rmSync } from 'node:fs'
import path from 'node:path'
import type { TestProject } from 'vitest/node'
import { listObjects, type NodeObject } from './api.js'
import { startEmbeddedLab, stopEmbeddedLab } from './embedded-lab.js'
import { allNodes, embedded, labDirectory, missingPieces, scratchFile } from './lab.js'
import { cleanUp, makeNative } from './restore-lab.js'
import type { Snapshot } from './snapshot.js'
import { snapshotLab } from './snapshot-lab.js'

declare module 'vitest' {
  interface ProvidedContext {
    /** The lab before the first test: what every revert must come back to. */
    native: Snapshot
  }
}

/** Whether the lab is ours to touch. */
let found = false

/** Once before all files: a lab that is up and native, and what it looks like. E2E_AS_IS=1 takes the lab as it is. */
export async function setup(project: TestProject): Promise<void> {
  const began = Date.now()
  if (embedded) {
    rmSync(labDirectory, { recursive: true, force: true })
    await startEmbeddedLab()
  }
  const missing = missingPieces()
  if (missing.length > 0) throw new Error(`the end-to-end tests cannot run:\n  ${missing.join('\n  ')}`)
  await requireNodes()
  found = true
  rmSync(path.dirname(scratchFile('run')), { recursive: true })
  await cleanUp()
  if (process.env.E2E_AS_IS !== '1' && (await makeNative()))
    process.stderr.write('e2e: the lab was converted; reverted\n')
  project.provide('native', await snapshotLab())
  process.stderr.write(`e2e: lab ready after ${((Date.now() - began) / 1000).toFixed(0)} s\n`)
}

/**
 * Once after all files: nothing stays that a test put there. A real lab left converted stays so, an embedded one its
 * folder, to be looked at.
 */
export async function teardown(): Promise<void> {
  if (embedded) await stopEmbeddedLab()
  else if (found) await cleanUp()
}

async function requireNodes(): Promise<void> {
  const nodes = await listObjects<NodeObject>('v1', 'Node').catch((error: Error) => {
    throw new Error(
      `the end-to-end tests need the real lab, and its API does not answer: npm run lab:up\n${error.message}`,
    )
  })
  const names = nodes.map(({ metadata }) => metadata.name).sort()
  if (names.join() !== [...allNodes].sort().join()) {
    throw new Error(
      `the lab has the nodes ${names.join(', ')}, expected ${allNodes.join(', ')}: test/lab/reset`,
    )
  }
}
