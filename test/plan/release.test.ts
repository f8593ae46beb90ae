import { describe, expect, it } from 'vitest'
import { hasRedirect } from '../../src/node/kubeadm-flags.js'
import { planConvert } from '../../src/plan/convert.js'
import { planHostConvert } from '../../src/plan/host-convert.js'
import { planHostRevert } from '../../src/plan/host-revert.js'
import { convertedFacts, file, hostNamed, nativeFacts, options, release } from '../support/facts.js'
import { all, fleetOf, nativeSite } from '../support/fleet.js'

const kubeconfig = '/var/lib/elsewhere/kubelet.conf'
const elsewhere = {
  ...release,
  hub: {
    ...release.hub,
    openyurtDir: '/var/lib/elsewhere',
    kubeconfig,
    ports: { ...release.hub.ports, proxy: 20261 },
  },
}
const edge1 = hostNamed('edge-1')

describe('a release', () => {
  it('says where the kubeconfig is that the kubelet is given, and what it says', () => {
    const steps = planHostConvert(edge1, nativeFacts(), { ...options, release: elsewhere })
    const written = steps.flatMap((step) => (step.kind === 'write-file' ? [step] : []))
    const flags = written.find(({ path }) => path.endsWith('/kubeadm-flags.env'))
    expect(flags?.content).toContain(`--kubeconfig=${kubeconfig} --bootstrap-kubeconfig=`)
    expect(written.find(({ path }) => path === kubeconfig)?.content).toContain('http://127.0.0.1:20261\n')
    expect(JSON.stringify(steps)).not.toMatch(/\/var\/lib\/openyurt|10261/)
  })

  it('says which flags a revert takes out', () => {
    const given = { ...options, release: elsewhere }
    const converted = convertedFacts(edge1, nativeFacts(), given)
    const flags = file(
      'flags',
      `KUBELET_KUBEADM_ARGS="--v=2 --kubeconfig=${kubeconfig} --bootstrap-kubeconfig="\n`,
    )
    const { transaction } = planHostRevert({ ...converted, files: { ...converted.files, flags } }, given)
    const [restored] = (transaction?.steps ?? []).flatMap((step) =>
      step.kind === 'write-file' ? [step] : [],
    )
    expect(restored?.path).toBe(flags.path)
    expect(hasRedirect(restored?.content, kubeconfig)).toBe(false)
  })

  it('may leave the node lifecycle where it is: then no kube-controller-manager is touched', () => {
    const site = nativeSite()
    const lifecycle = { owner: 'kube-controller-manager', stock: 'on' } as const
    const titles = ({ phases }: ReturnType<typeof planConvert>) => phases.map(({ title }) => title)
    const moves = titles(planConvert(fleetOf(site), all(site), options))
    const stays = titles(
      planConvert(fleetOf(site), all(site), { ...options, release: { ...release, lifecycle } }),
    )
    const moving = ['kube-controller-manager', 'kube-controller-manager leader']
    expect(moves).toEqual(expect.arrayContaining(moving))
    expect(stays).toEqual(moves.filter((title) => !moving.includes(title)))
  })
})
