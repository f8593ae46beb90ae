import { copyFileSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Lab, startLab } from '../../../src/lab/lab.js'
import { cli } from '../cli.js'
import { scratch } from './scratch.js'

let lab: Lab
let inventory: string[]
let manifest: string

beforeAll(async () => {
  lab = await startLab({ dir: scratch(), hosts: 2, speed: 20 })
  inventory = ['-i', join(lab.dir, 'inventory.yaml')]
  manifest = join(lab.dir, 'hosts/cp-1/etc/kubernetes/manifests/kube-controller-manager.yaml')
}, 60_000)
afterAll(() => lab?.close())

/** As the kubelet would be told by somebody who edits in place. */
function edit(change: (text: string) => string): void {
  writeFileSync(`${manifest}.new`, change(readFileSync(manifest, 'utf8')))
  renameSync(`${manifest}.new`, manifest)
}

describe('a control plane as it is found', { timeout: 120_000 }, () => {
  it('with a copy beside its manifest is refused before anything is touched, and the copy named', async () => {
    copyFileSync(manifest, `${manifest}.bak`)
    for (const command of ['preflight', 'convert --yes']) {
      const { exitCode, output } = await cli(...command.split(' '), ...inventory)
      expect(output).toContain(
        'manifests/kube-controller-manager.yaml.bak defines kube-controller-manager, which belongs in kube-controller-manager.yaml alone',
      )
      expect(exitCode).toBe(3)
    }
    rmSync(`${manifest}.bak`)
  })

  it('with hyperkube is converted and reverted', async () => {
    edit((text) => text.replace(/^( *)- kube-controller-manager\n/m, '$1- /hyperkube\n$&'))
    const before = readFileSync(manifest, 'utf8')
    expect(before).toContain('- /hyperkube')
    const converted = await cli('convert', '--yes', ...inventory)
    expect(converted.exitCode, converted.output).toBe(0)
    const reverted = await cli('revert', '--yes', ...inventory)
    expect(reverted.exitCode, reverted.output).toBe(0)
    expect(readFileSync(manifest, 'utf8')).toBe(before)
  })
})
