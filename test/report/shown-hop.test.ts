import { expect, it } from 'vitest'
import { shownHop } from '../../src/report/shown-hop.js'
import { hostNamed } from '../support/facts.js'

it.each([
  ['nc', 'nc'],
  ['nc --proxy-auth me:secret proxy 443', 'nc …'],
  ['exec ~/bin/cloud-proxy secret', '~/bin/cloud-proxy …'],
  ['TOKEN=secret nc a 22', '…'],
  ['"/opt/my proxy" secret', '…'],
])('of the ProxyCommand %j is shown %j', (proxyCommand, shown) => {
  const { ssh } = hostNamed('edge-1')
  expect(shownHop({ ...ssh, bastion: { ...ssh, proxyCommand } }).bastion?.proxyCommand).toBe(shown)
  expect(shownHop({ ...ssh, proxyCommand }).proxyCommand).toBe(shown)
})
