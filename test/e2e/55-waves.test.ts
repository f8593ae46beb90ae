import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { getNode } from './support/api.js'
import { breakHub, lastWords, mendHub } from './support/broken-hub.js'
import { type CliRun, yurtSsh } from './support/cli.js'
import { expectNotRedirected } from './support/converted.js'
import { edgeNodes, hubNodes } from './support/lab.js'
import { differences, onlyOf } from './support/snapshot.js'
import { snapshotHosts } from './support/snapshot-hosts.js'

/**
 * The lab was reverted before. The control plane stays converted afterwards; the other edge host is left out, for a kubelet
 * starts the static pod of a hub that has crashed only after its back-off.
 */
describe('convert in waves while the first host can never become healthy', () => {
  const runs = mkdtempSync(path.join(tmpdir(), 'yurt-ssh-e2e-runs-'))
  const report = path.join(runs, 'report.html')
  let run: CliRun

  beforeAll(() => breakHub('edge-2'))
  afterAll(() => mendHub('edge-2'))

  it('begins no other wave, exit 5', async () => {
    const options = ['--limit', 'edge-2,cloud-1', '--serial', '1', '--yurthub-healthcheck-timeout', '60s']
    run = await yurtSsh('convert', ['--yes', ...options, '--run-dir', runs, '--report', report])
    expect(run.status, run.text).toBe(5)
    expect(run.text).toMatch(/edge-2: the hub did not become healthy within \d+ s/)
  })

  it.each(hubNodes)('%s is as it was, byte for byte', async (node) => {
    expect(differences(onlyOf(node, inject('native')), await snapshotHosts([node]))).toEqual([])
    await expectNotRedirected(node)
  })

  it.each(edgeNodes)('%s is not labelled', async (node) => {
    expect((await getNode(node)).metadata.labels).not.toHaveProperty('openyurt.io/is-edge-worker')
  })

  it('leaves a record that names the failed host, and a report with its hub’s own words', () => {
    const folders = readdirSync(runs).filter((name) => existsSync(path.join(runs, name, 'failed-hosts')))
    expect(folders).toHaveLength(1)
    expect(readFileSync(path.join(runs, folders[0] ?? '', 'failed-hosts'), 'utf8')).toBe('edge-2\n')
    expect(readFileSync(report, 'utf8')).toContain(lastWords)
  })
})
