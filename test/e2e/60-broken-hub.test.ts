import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { breakHubImage, lastWords, mendHubImage } from './support/broken-hub.js'
import { type CliRun, yurtSsh } from './support/cli.js'
import { expectConverted, expectNotRedirected } from './support/converted.js'
import { getNode, readyOf } from './support/kubectl.js'
import { realBinaries } from './support/lab.js'
import { differences, type Snapshot } from './support/snapshot.js'
import { snapshotHosts } from './support/snapshot-hosts.js'

const healthTimeout = realBinaries ? '100s' : '60s'

/** The lab was reverted before: this is also the second conversion of the same hosts. */
describe('convert while the hub of edge-2 can never become healthy', () => {
  let run: CliRun

  beforeAll(() => breakHubImage('edge-2'))
  afterAll(() => mendHubImage('edge-2'))

  it('ends with exit 3', async () => {
    run = await yurtSsh('convert', ['--yes', '-a', 'edge-1', '--yurthub-healthcheck-timeout', healthTimeout])
    expect(run.status, run.text).toBe(3)
  })

  it('shows the hub’s own last words', () => {
    expect(run.text).toMatch(/edge-2: the hub did not become healthy within \d+ s/)
    expect(run.text).toContain(lastWords)
  })

  it('edge-2 is put back, byte for byte', async () => {
    expect(differences(onlyOf('edge-2', inject('native')), await snapshotHosts(['edge-2']))).toEqual([])
  })

  it('edge-2 is Ready, not labelled, and its kubelet talks to the API server', async () => {
    const node = await getNode('edge-2')
    expect(readyOf(node).status).toBe('True')
    expect(node.metadata.labels).not.toHaveProperty('openyurt.io/is-edge-worker')
    await expectNotRedirected('edge-2')
  })

  it.each(['edge-1', 'cloud-1'])('%s is converted all the same', (node) => expectConverted(node))
})

function onlyOf(host: string, snapshot: Snapshot): Snapshot {
  return Object.fromEntries(Object.entries(snapshot).filter(([key]) => key.startsWith(`${host} `)))
}
