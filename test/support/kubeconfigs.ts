import { stringify } from 'yaml'
import { fc, runs, seed } from './properties.js'

/** In every secret: it must leave no host. */
export const canary = 'c4n4ry'

/** A kubeconfig as somebody's program wrote it. */
export interface WrittenKubeconfig {
  /** The file. */
  text: string
  /** The document in it that client-go reads, with LF. */
  document: string
  /** Whether it holds anchors and aliases, which the host need not understand. */
  anchors: boolean
}

const disguises = [
  canary,
  ...[' ', '\n', '  ', '\t', '"', "'", '\\', ': ', ' #', '{', '}', '[', ']', ',', '---', 'ä'],
  `server: https://${canary}.example`,
  `- name: ${canary}\n  cluster:\n    server: https://${canary}.example`,
  `"}},"server":"https://${canary}.example"`,
]

/** It may hold anything, and look like what may leave. */
const secret = fc
  .array(fc.constantFrom(...disguises), { minLength: 1, maxLength: 8 })
  .map((parts) => `${canary}${parts.join('')}${canary}`)

const names = ['kubernetes', 'system:node:edge-1@kubernetes', "it's", 'a "quoted" \\ name', '123', 'true']

const config = fc
  .record({
    secrets: fc.tuple(secret, secret, secret),
    name: fc.constantFrom(...names),
    spare: fc.boolean(),
    tls: fc.boolean(),
    turn: fc.nat(9),
  })
  .map(({ secrets: [first, second, third], name, spare, tls, turn }) => {
    const turned = <T extends object>(value: T): T => turnedBy(turn, value)
    const cluster = {
      server: 'https://192.0.2.1:6443',
      ...(tls ? { 'tls-server-name': 'api.example', 'insecure-skip-tls-verify': true } : {}),
      extensions: [{ name: second, extension: { 'certificate-authority': third } }],
    }
    const old = { server: `https://u:${canary}@192.0.2.9?${canary}`, 'proxy-url': `http://u:${canary}@p` }
    const user = {
      'client-certificate': '/var/lib/kubelet/pki/kubelet-client-current.pem',
      'client-certificate-data': first,
      'client-key-data': second,
      token: third,
      password: first,
      exec: {
        command: 'aws',
        args: ['--name', second, third],
        env: [turned({ name: 'server', value: first }), { name: third, value: second }],
      },
      'auth-provider': { name: 'oidc', config: { 'client-secret': second, server: third } },
      'cluster/server': first,
    }
    return turned({
      kind: 'Config',
      extensions: [
        { name: 'x', extension: { server: second, clusters: [{ name, cluster: { server: third } }] } },
      ],
      clusters: [
        ...(spare ? [{ cluster: old, name: 'old' }] : []),
        turned({ name, cluster: turned(cluster) }),
      ],
      contexts: [
        turned({ name: `${name}-x`, context: turned({ cluster: name, user: 'u', namespace: third }) }),
      ],
      'current-context': `${name}-x`,
      users: [turned({ name: 'u', user: turned(user) })],
    })
  })

const style = fc.record({
  writer: fc.constantFrom('json', 'json /', 'json \\u', 'block', 'flow', 'any', 'anchors'),
  indent: fc.constantFrom(0, 1, 2, 4, '\t'),
  strings: fc.constantFrom('PLAIN', 'QUOTE_DOUBLE', 'QUOTE_SINGLE', 'BLOCK_LITERAL', 'BLOCK_FOLDED'),
  keys: fc.constantFrom('PLAIN', 'QUOTE_DOUBLE', 'QUOTE_SINGLE'),
  lineWidth: fc.constantFrom(0, 80),
  indentSeq: fc.boolean(),
  before: fc.constantFrom('', '---\n', '# {a: [b\n', '%YAML 1.2\n---\n', '\ufeff'),
  behind: fc.constantFrom('', '\n', '\n# "}\n', `\n...\nserver: ${canary}\n`, `\n---\nserver: ${canary}\n`),
  crlf: fc.boolean(),
})

type Style = typeof style extends fc.Arbitrary<infer T> ? T : never

/** Kubeconfigs in the forms of many writers, each with one current context. */
export function writtenKubeconfigs(count: number): WrittenKubeconfig[] {
  const written = fc.tuple(config, style).map(([value, how]): WrittenKubeconfig => {
    const document = how.before + byWriter(value, how)
    const text = document + how.behind
    const crlf = how.crlf && !how.strings.startsWith('BLOCK')
    return { text: crlf ? text.replaceAll('\n', '\r\n') : text, document, anchors: how.writer === 'anchors' }
  })
  return fc.sample(written, { numRuns: runs(count), seed })
}

function byWriter(value: object, { writer, indent, strings, keys, lineWidth, indentSeq }: Style): string {
  const json = JSON.stringify(value, null, indent)
  if (writer === 'json') return json
  if (writer === 'json /') return json.replaceAll('/', '\\/')
  if (writer === 'json \\u') return json.replaceAll('"server":', '"s\\u0065rver":')
  const shared = writer === 'anchors' ? { copy: value, ...value } : value
  return stringify(shared, {
    defaultStringType: strings,
    defaultKeyType: keys,
    lineWidth,
    indentSeq,
    indent: typeof indent === 'number' && indent > 1 ? indent : 2,
    ...(writer === 'flow' || writer === 'block' ? { collectionStyle: writer } : {}),
  }).trimEnd()
}

function turnedBy<T extends object>(turn: number, value: T): T {
  const entries = Object.entries(value)
  const at = turn % entries.length
  return Object.fromEntries([...entries.slice(at), ...entries.slice(0, at)]) as T
}
