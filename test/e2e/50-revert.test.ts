import { describe, expect, inject, it } from 'vitest'
import { yurtSsh } from './support/cli.js'
import { expectNeverTwoDown } from './support/controller-managers.js'
import { expectFreshHeartbeat, expectNotRedirected, runningControllers } from './support/converted.js'
import { controlPlanes, hubNodes } from './support/lab.js'
import { inNode } from './support/nodes.js'
import { waitSame } from './support/snapshot-lab.js'
import { type Look, watchControllerManagers } from './support/watch-controller-managers.js'

let looks: Map<string, Look[]>

describe('revert', () => {
  it('takes OpenYurt out again, exit 0', async () => {
    const watch = watchControllerManagers()
    const run = yurtSsh('revert', ['--yes'])
    const { status, text } = await run.finally(async () => {
      looks = await watch.stop()
    })
    expect(status, text).toBe(0)
  })

  it('leaves every file, object, label and annotation as it was before', () => waitSame(inject('native')))

  it('never had two kube-controller-managers down', () => expectNeverTwoDown(looks))

  it.each(controlPlanes)('kube-controller-manager owns the node lifecycle again on %s', async (node) => {
    expect(await runningControllers(node)).toBe('--controllers=*,bootstrapsigner,tokencleaner')
  })

  it.each(hubNodes)('the kubelet of %s talks to the API server itself', (node) => expectNotRedirected(node))

  it.each(hubNodes)('%s is Ready with a heartbeat after its restart', (node) => expectFreshHeartbeat(node))

  it.each(hubNodes)('no hub answers on %s', async (node) => {
    const codes = [10261, 10267, 10268].map(
      (port) =>
        `curl -sk --noproxy '*' -m 3 -o /dev/null -w '%{http_code}\\n' http://127.0.0.1:${port}/ || :`,
    )
    expect(await inNode(node, codes.join('\n')), 'answers on 10261, 10267, 10268').toBe('000\n000\n000\n')
  })

  it('a second revert has nothing to do, exit 0', async () => {
    const { status, stdout, text } = await yurtSsh('revert', ['--yes'])
    expect(status, text).toBe(0)
    expect(stdout).toContain('Nothing to do')
  })
})
