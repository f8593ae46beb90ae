import { expect } from 'vitest'
import { hideHubImage, hubImage, mendHub } from '../../e2e/support/broken-hub.js'
import { startYurtSsh, yurtSsh } from '../../e2e/support/cli.js'
import { expectConverted, expectRedirected } from '../../e2e/support/converted.js'
import { inNode, kubeletArguments, startKubelet } from '../../e2e/support/nodes.js'
import { output } from '../../e2e/support/process.js'
import { differences } from '../../e2e/support/snapshot.js'
import { snapshotHosts } from '../../e2e/support/snapshot-hosts.js'
import { waitFor } from '../../e2e/support/wait.js'
import type { Story } from '../support/types.js'

const flags = '/var/lib/kubelet/kubeadm-flags.env'
const manifest = '/etc/kubernetes/manifests/yurt-hub.yaml'

async function convert(node: string): Promise<void> {
  const { status, text } = await yurtSsh('convert', ['--yes', '--limit', node])
  expect(status, text).toBe(0)
}

async function revert(node: string): Promise<string> {
  const { status, text } = await yurtSsh('revert', ['--yes', '--limit', node])
  expect(status, text).toBe(0)
  return text
}

const keepFlags = `cp -p ${flags} /root/flags.kept`
/** The bytes of before, for the verdict; what the case is about was asserted. */
const restoreFlags = `cp -p /root/flags.kept ${flags}; rm /root/flags.kept; systemctl restart kubelet`

export const stories: Story[] = [
  {
    kind: 'story',
    name: 'a file edited between plan and apply: refused before the first change',
    minutes: 1.5,
    outcome: 'as it was',
    async tell(node) {
      await inNode(node, keepFlags)
      const running = startYurtSsh('convert', ['--yes', '--limit', node])
      await running.line(/change .*kubeadm-flags\.env|kubeadm-flags\.env/, 120)
      running.child.kill('SIGSTOP')
      await inNode(node, `sed -i 's/"$/ --v=3"/' ${flags}`)
      running.child.kill('SIGCONT')
      const { status, text } = await running.finished
      await inNode(node, restoreFlags)
      await startKubelet(node)
      expect(text).toMatch(/kubeadm-flags\.env changed since it was planned/)
      expect(status, text).toBe(3)
    },
  },
  {
    kind: 'story',
    name: 'an edit after convert and before revert: it is kept, only ours goes',
    minutes: 3,
    outcome: 'as it was',
    async tell(node) {
      await inNode(node, keepFlags)
      await convert(node)
      await inNode(node, `sed -i 's/="/="--v=3 /' ${flags}`)
      const text = await revert(node)
      expect(text).toMatch(/only our own change is taken out/)
      expect(await kubeletArguments(node)).toContain('--v=3')
      await inNode(node, restoreFlags)
      await startKubelet(node)
    },
  },
  {
    kind: 'story',
    name: 'files removed by hand before revert',
    minutes: 3,
    outcome: 'as it was',
    async tell(node) {
      await convert(node)
      await inNode(node, `rm ${manifest} /var/lib/openyurt/kubelet.conf`)
      await revert(node)
    },
  },
  {
    kind: 'story',
    name: 'the backups gone before revert',
    minutes: 3,
    outcome: 'as it was',
    async tell(node) {
      await convert(node)
      await inNode(node, 'rm -r /var/lib/yurt-ssh/runs/*/backup')
      expect(await revert(node)).toMatch(/backup is gone or damaged/)
    },
  },
  {
    kind: 'story',
    name: 'the journal damaged before revert: what is recognisable goes',
    minutes: 3,
    outcome: 'as it was',
    async tell(node) {
      await convert(node)
      await inNode(
        node,
        "for journal in /var/lib/yurt-ssh/runs/*/journal; do sed -i 's/^write/wr\\xff/; s/^tree/tr\\xff/' $journal; done",
      )
      expect(await revert(node)).toMatch(/journal of .* is damaged/)
    },
  },
  {
    kind: 'story',
    name: 'the flags file rewritten as kubeadm upgrade does: status says so, convert repairs it',
    minutes: 4,
    outcome: 'converted',
    async tell(node) {
      await convert(node)
      await inNode(
        node,
        `sed -i 's/ *--kubeconfig=[^ "]*//; s/ *--bootstrap-kubeconfig=//' ${flags}; systemctl restart kubelet`,
      )
      const { status, stdout } = await yurtSsh('status', [])
      expect(status).toBe(10)
      expect(stdout).toMatch(/kubeadm-flags\.env was rewritten since it was converted.*our flags are gone/)
      await convert(node)
      await expectConverted(node)
    },
  },
  {
    kind: 'story',
    name: 'a converted node boots with the API out of reach: hub and kubelet come up',
    minutes: 5,
    outcome: 'converted',
    async tell(node) {
      await convert(node)
      await output('docker', ['pause', 'infra'])
      try {
        await output('docker', ['restart', '-t', '5', node], { seconds: 120 })
        await waitFor(`${node}: kubelet and hub up without an API`, 240, async () => {
          const health = await inNode(
            node,
            "curl -s --noproxy '*' -m 3 -o /dev/null -w '%{http_code}' http://127.0.0.1:10267/v1/healthz || :",
          )
          await expectRedirected(node)
          return health === '200' ? { done: true } : { waiting: `its hub answers ${health}` }
        })
      } finally {
        await output('docker', ['unpause', 'infra'])
      }
      await startKubelet(node)
    },
  },
  {
    kind: 'story',
    name: 'the hub’s image missing, and no registry in reach: refused before the first change',
    minutes: 1,
    outcome: 'as it was',
    async tell(node) {
      await hideHubImage(node)
      const { status, text } = await yurtSsh('convert', ['--yes', '--limit', node])
      await mendHub(node)
      expect(text).toMatch(new RegExp(`${node}.*${hubImage.replaceAll('.', '\\.')}`))
      expect(status, text).toBe(3)
    },
  },
  {
    kind: 'story',
    name: 'a symlinked /var/lib/kubelet: converted through it, and back',
    minutes: 4,
    outcome: 'as it was',
    async tell(node) {
      await inNode(node, kubeletOnADisk)
      await startKubelet(node)
      const before = await snapshotHosts([node])
      await convert(node)
      await expectConverted(node)
      await revert(node)
      expect(differences(before, await snapshotHosts([node]))).toEqual([])
      await inNode(node, kubeletBack)
      await startKubelet(node)
    },
  },
]

/** In the lab the folder is a mount, twice: it moves by mounts, those of its pods with it. */
const moved = (from: string, to: string) => `
  systemctl stop kubelet
  mkdir ${to}
  mount --rbind ${from} ${to}
  while mountpoint -q ${from}; do umount -l ${from}; done
  rmdir ${from}`

const kubeletOnADisk = `${moved('/var/lib/kubelet', '/var/lib/kubelet.disk')}
  ln -s kubelet.disk /var/lib/kubelet
  systemctl start kubelet`

const kubeletBack = `rm /var/lib/kubelet
  ${moved('/var/lib/kubelet.disk', '/var/lib/kubelet')}
  systemctl start kubelet`
