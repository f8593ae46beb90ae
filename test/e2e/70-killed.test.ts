import { describe, expect, inject, it } from 'vitest'
import { getNode, readyOf } from './support/api.js'
import { startYurtSsh, yurtSsh } from './support/cli.js'
import { expectConverted, expectNotRedirected } from './support/converted.js'
import { hubNodes } from './support/lab.js'
import { waitSettled } from './support/settled.js'
import { waitSame } from './support/snapshot-lab.js'

/** Longer than any of the host's own waits: it must not need anybody to end. */
const alone = 420

/** edge-2 is native here, the others are converted. */
describe('convert killed by SIGKILL while edge-2 waits for its hub', () => {
  it('the host finishes by itself', async () => {
    const running = startYurtSsh('convert', ['--yes', '-t', '-a', 'edge-1'])
    await running.line(/edge-2: wait for the hub/, 240)
    running.child.kill('SIGKILL')
    expect((await running.finished).status, 'the client was killed, it did not end').toBe(-1)
    expect(await waitSettled('edge-2', alone), 'what edge-2 came to').toBe('committed')
    await expectConverted('edge-2')
  })

  it('the next convert finishes what is left, exit 0', async () => {
    const { status, text } = await yurtSsh('convert', ['--yes', '-t', '-a', 'edge-1'])
    expect(status, text).toBe(0)
    expect((await getNode('edge-2')).metadata.labels).toHaveProperty('openyurt.io/is-edge-worker', 'true')
  })

  it.each(hubNodes)('%s is converted', (node) => expectConverted(node))

  it('status finds nothing, exit 0', async () => {
    const { status, text } = await yurtSsh('status', ['-t', '-a', 'edge-1'])
    expect(status, text).toBe(0)
  })
})

describe('revert killed by SIGKILL between the flags of edge-1 and its proof', () => {
  it('the host finishes by itself', async () => {
    const running = startYurtSsh('revert', ['--yes'])
    await running.line(/edge-1: restart the kubelet/, 240)
    running.child.kill('SIGKILL')
    expect((await running.finished).status, 'the client was killed, it did not end').toBe(-1)
    expect(await waitSettled('edge-1', alone), 'what edge-1 came to').toBe('committed')
    await expectNotRedirected('edge-1')
    expect(readyOf(await getNode('edge-1')).status).toBe('True')
  })

  it('the next revert ends as if nothing had happened, exit 0', async () => {
    const { status, text } = await yurtSsh('revert', ['--yes'])
    expect(status, text).toBe(0)
  })

  it('every file, object, label and annotation is as it was before', () => waitSame(inject('native')))
})
