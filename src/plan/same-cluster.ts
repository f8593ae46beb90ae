import type { Expect } from './checks.js'
import type { Fleet } from './fleet.js'

/**
 * That the kubeconfig is of the cluster whose hosts the inventory lists: names such as cp-1 and addresses are the same at
 * many sites, but a machine has another boot id than any other. A control-plane host that was just started has one that its
 * Node does not know yet, so one that agrees is enough.
 */
export function sameClusterCheck({ members }: Fleet, expect: Expect): void {
  const compared = members.filter(
    ({ node, facts }) =>
      node.controlPlane && node.ready === 'True' && node.bootId !== undefined && facts.bootId !== '',
  )
  const agrees = compared.length === 0 || compared.some(({ node, facts }) => node.bootId === facts.bootId)
  expect('SameCluster', agrees, {
    mandatory: true,
    ok: "the control-plane hosts are the cluster's",
    failed: `${compared.map(({ host }) => host.name).join(', ')}: the machine is another than the one of that name in the cluster`,
    hint: 'is the kubeconfig of another cluster, or the address of another host? Where all of them have just been started, try again in a minute',
  })
}
