import { afterEach, beforeAll, describe, expect, inject, it } from 'vitest'
import { yurtSsh } from './support/cli.js'
import { changedInventory, hostPath } from './support/inventory.js'
import { holdLock, otherHolder, readLock } from './support/lock.js'
import { differences, type Snapshot } from './support/snapshot.js'
import { snapshotLab } from './support/snapshot-lab.js'

const native = inject('native')

/** Every one of these runs must leave hosts and cluster alone. */
describe('on a native cluster', () => {
  afterEach(async () => {
    expect(
      differences(native, await snapshotLab()),
      'a run that refuses or only looks touches nothing',
    ).toEqual([])
  })

  it('preflight passes', async () => {
    const { status, text } = await yurtSsh('preflight')
    expect(status, text).toBe(0)
  })

  it('--check --diff shows the changes of convert and exits 10', async () => {
    const { status, stdout, text } = await yurtSsh('convert', ['--check', '--diff'])
    expect(status, text).toBe(10)
    expect(stdout).toContain('+    - --controllers=-nodelifecycle,*,bootstrapsigner,tokencleaner')
    expect(stdout).toContain('create /etc/kubernetes/manifests/yurt-hub.yaml (0600)')
    expect(stdout).toContain('create Deployment kube-system/yurt-controller-manager')
    expect(stdout).toContain('label openyurt.io/is-edge-worker=true')
  })

  it('status says that no host is converted and exits 10', async () => {
    const { status, stdout, text } = await yurtSsh('status')
    expect(status, text).toBe(10)
    expect(stdout).toMatch(/^edge-1 +edge +native +Ready/m)
  })

  it('revert has nothing to do', async () => {
    const { status, stdout, text } = await yurtSsh('revert', ['--yes'])
    expect(status, text).toBe(0)
    expect(stdout).toContain('Nothing to do')
  })

  it('a node that the inventory does not list refuses the run, exit 7', async () => {
    const inventory = changedInventory('unlisted', (file) => file.deleteIn(hostPath(file, 'edge-2')))
    const { status, stdout, text } = await yurtSsh('convert', ['--yes'], { inventory })
    expect(status, text).toBe(7)
    expect(stdout).toMatch(/NodesInInventory: .*edge-2/)
  })

  it('a host that cannot be reached stops the run, exit 4', async () => {
    const inventory = changedInventory('unreachable', (file) =>
      file.setIn([...hostPath(file, 'edge-2'), 'ssh', 'port'], 2222),
    )
    const { status, stdout, text } = await yurtSsh('convert', ['--yes'], { inventory })
    expect(status, text).toBe(4)
    expect(stdout).toMatch(/^failed +edge-2\n +Reachable:/m)
  })

  it('without a terminal and without --yes nobody can approve, exit 2', async () => {
    const { status, stderr, text } = await yurtSsh('convert')
    expect(status, text).toBe(2)
    expect(stderr).toContain('USAGE_NOBODY_TO_ASK')
  })
})

describe('while another run holds the lock', () => {
  let lock: { release: () => Promise<void> }
  let locked: Snapshot

  beforeAll(async () => {
    lock = await holdLock()
    locked = await snapshotLab()
    return () => lock.release()
  })

  it('convert names its holder and leaves it the lock, exit 6', async () => {
    const { status, stderr, text } = await yurtSsh('convert', ['--yes'])
    expect(status, text).toBe(6)
    expect(stderr).toContain(otherHolder)
    expect((await readLock())?.spec?.holderIdentity, 'the lock is still its holder’s').toBe(otherHolder)
    expect(differences(locked, await snapshotLab()), 'a locked-out run touches nothing').toEqual([])
  })
})
