import { expect, it } from 'vitest'
import { wantedComponents } from '../../src/plan/convert.js'
import { preflightCluster } from '../../src/plan/preflight-cluster.js'
import { preflightRevert } from '../../src/plan/preflight-revert.js'
import { options } from '../support/facts.js'
import { all, convertedSite, fleetOf, type Site } from '../support/fleet.js'

/** A converted site whose control-plane nodes were booted as given. */
function booted(ids: Record<string, string | undefined>, ready: 'True' | 'Unknown' = 'True'): Site {
  const site = convertedSite()
  site.nodes = site.nodes.map((node) => {
    const bootId = ids[node.name]
    return node.name in ids ? { ...node, ready, ...(bootId === undefined ? {} : { bootId }) } : node
  })
  return site
}

const own = convertedSite().facts.get('cp-1')?.bootId

it.each<[string, Site, boolean]>([
  ['every one is the machine of its name', booted({ 'cp-1': own, 'cp-2': own }), false],
  ['one was just started', booted({ 'cp-1': 'other', 'cp-2': own }), false],
  ['none is: the kubeconfig is of another cluster', booted({ 'cp-1': 'other', 'cp-2': 'another' }), true],
  ['none is, but none is Ready', booted({ 'cp-1': 'other', 'cp-2': 'another' }, 'Unknown'), false],
  ['the kubelets tell none', booted({ 'cp-1': undefined, 'cp-2': undefined }), false],
])('the hosts of the control plane: %s', (_, site, refused) => {
  const fleet = fleetOf(site)
  const wanted = wantedComponents(fleet, options)
  for (const checks of [
    preflightCluster(site.hosts, all(site), fleet, wanted, options),
    preflightRevert(fleet, all(site), options),
  ]) {
    const { status, mandatory } = checks.find(({ name }) => name === 'SameCluster') ?? {}
    expect([status, mandatory]).toEqual([refused ? 'failed' : 'ok', true])
  }
})
