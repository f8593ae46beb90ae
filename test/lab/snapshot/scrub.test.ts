import { describe, expect, it } from 'vitest'
import { scrub, scrubText } from '../../../src/lab/snapshot/scrub.js'

const kept = [
  '--controllers=*,bootstrapsigner,tokencleaner',
  '--service-account-private-key-file=/etc/kubernetes/pki/sa.key',
  '--authentication-token-webhook=true',
  'server: https://192.0.2.1:6443',
  'certificate-authority-data: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0t',
  'client-certificate: /var/lib/kubelet/pki/kubelet-client-current.pem',
  'token: ********',
  '--authentication-token-webhook-cache-ttl=2m0s --concurrent-serviceaccount-token-syncs=5',
  '- --use-service-account-credentials\n    - --v=2',
  '- --use-service-account-credentials\n  image: kcm',
  'https://192.0.2.1:6443/a@b docker-pullable://openyurt/yurthub@sha256:1234',
]

const replaced: readonly [text: string, secret: string][] = [
  ['--join-token=abcdef.0123456789abcdef', '0123456789abcdef'],
  ['Environment="HTTPS_PROXY=http://ops:hunter2@proxy.example.com:3128"', 'hunter2'],
  ['KUBELET_EXTRA_ARGS=--cloud-password=hunter2', 'hunter2'],
  ['registry_passwd: hunter2', 'hunter2'],
  ['- name: DB_PASSWORD\n  value: "hunter2 and more"', 'hunter2'],
  ['KUBELET_EXTRA_ARGS="--cloud-password=open hunter2"', 'hunter2'],
  [`Environment='REG_PASSWORD=two words, hunter2'`, 'hunter2'],
  ['password: "open, hunter2"', 'hunter2'],
  ['password: "open\\"hunter2"', 'hunter2'],
  ['password: open hunter2', 'hunter2'],
  ['password: |\n  hunter2\n  hunter2\n', 'hunter2'],
  ['token: /hunter2==', 'hunter2'],
  ['pin-password=20251124', '20251124'],
  ['--token hunter2', 'hunter2'],
  ['- --token\n- hunter2', 'hunter2'],
  ['http://ops:p@hunter2@proxy:3128', 'hunter2'],
  ['http://ops:p/hunter2@proxy:3128', 'hunter2'],
  ['- value: hunter2\n  name: DB_PASSWORD', 'hunter2'],
  ['- name: DB_PASSWORD\n  value: |\n    hunter2\n', 'hunter2'],
  ['{"name":"DB_PASSWORD","value":"hunter2"}', 'hunter2'],
  ['-----BEGIN OPENSSH PRIVATE KEY-----\nhunter2', 'hunter2'],
  ['authorization: basic aHVudGVyMg==', 'aHVudGVyMg'],
  ['  passwords:\n    - hunter2\n    - other\n  next: 1\n', 'hunter2'],
  ['passwords:\n- other\n- hunter2', 'hunter2'],
  ['Authorization: Bearer eyJhbGciOiJSUzI1NiJ9.e30', 'eyJhbGciOiJSUzI1NiJ9'],
  ['-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----', 'MIIE'],
]

describe('what leaves a site in a snapshot', () => {
  it.each(kept)('keeps %s', (text) => {
    expect(scrubText(text)).toBe(text)
  })

  it.each(replaced)('takes the secret out of %s', (text, secret) => {
    expect(scrubText(text)).not.toContain(secret)
  })

  it('takes the data of Secrets whole, and counts', () => {
    const secret = { kind: 'Secret', metadata: { name: 'a' }, data: { key: 'aHVudGVyMg==' } }
    const { clean, replaced } = scrub({ objects: [secret, null], flags: '--x-token=hunter2', port: 22 })
    expect(clean).toEqual({
      objects: [{ kind: 'Secret', metadata: { name: 'a' }, data: '********' }, null],
      flags: '--x-token=********',
      port: 22,
    })
    expect(replaced).toBe(2)
  })

  it('knows a secret by its key, by the name beside it and by the flag before it', () => {
    const given = {
      env: [{ name: 'DB_PASSWORD', value: 'hunter2' }],
      data: { 'registry.password': 'hunter2' },
      annotations: { 'openyurt.io/token': 'hunter2' },
      args: ['--token', 'hunter2', '--use-service-account-credentials', '--v=2'],
      volumes: [{ secret: { secretName: 'tunnel-certs' } }],
      hubTokenId: 'abcdef',
    }
    const { clean, replaced } = scrub(given)
    expect(clean).toEqual(JSON.parse(JSON.stringify(given).replaceAll('hunter2', '********')))
    expect(replaced).toBe(4)
  })
})
