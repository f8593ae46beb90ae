import { expect, it } from 'vitest'
import { YurtSshError } from '../../../src/errors.js'
import { makeSnapshot } from '../../../src/lab/snapshot/make.js'
import { clusterOf, hostNamed, options } from '../../support/facts.js'

it('says of a host that was not read why, and nothing of how it is reached', () => {
  const host = hostNamed('edge-1', { sshOrigins: { user: '/home/alice/.ssh/config:4' } })
  const other = hostNamed('edge-2')
  const failures = [
    new YurtSshError('SSH_REFUSED', 'alice@198.51.100.7:2222 via alice@192.0.2.1:22: connection refused'),
    new YurtSshError('HOST_STATE_FORMAT', '/var/lib/yurt-ssh has format 2'),
  ] as const
  const { snapshot } = makeSnapshot({
    taken: '2026-01-02T03:04:05Z',
    release: 'v0.6.1',
    images: options.images,
    cluster: clusterOf([]),
    hosts: [host, other],
    facts: new Map(),
    failures: new Map([
      ['edge-1', failures[0]],
      ['edge-2', failures[1]],
    ]),
  })
  expect(snapshot.hosts.map(({ failure }) => failure)).toEqual([
    { code: 'SSH_REFUSED', message: 'it could not be reached (SSH_REFUSED)' },
    { code: 'HOST_STATE_FORMAT', message: '/var/lib/yurt-ssh has format 2' },
  ])
  expect(JSON.stringify(snapshot)).not.toMatch(/alice|198\.51|ssh"/)
})
