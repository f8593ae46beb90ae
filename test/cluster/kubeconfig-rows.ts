import type { Seen } from '../support/tls-api.js'

/** `PORT`, `PLAIN`, `PROXY`, `PKI` and `CA` (its data) are filled in; the kubeconfig is `config` unless KUBECONFIG names others. */
export interface Row {
  name: string
  files: Record<string, string>
  env?: Record<string, string>
  seen: Partial<Seen>
}

const clusters =
  'clusters: [{name: k, cluster: {server: "https://127.0.0.1:PORT", certificate-authority: PKI/ca.crt}}]'
const contexts = 'contexts: [{name: c, context: {cluster: k, user: u}}]\ncurrent-context: c'
const withUser = (user: string): string => `${clusters}\nusers: [{name: u, user: ${user}}]\n${contexts}`
const withCluster = (cluster: string, user = '{token: t}'): string =>
  `clusters: [{name: k, cluster: ${cluster}}]\nusers: [{name: u, user: ${user}}]\n${contexts}`
const bearer = (token: string) => [`authorization: Bearer ${token}`]
const plugin = `#!/bin/sh
printf '{"apiVersion":"client.authentication.k8s.io/v1beta1","kind":"ExecCredential","status":{"token":"%s"}}' "$WHO-$1-\${KUBERNETES_EXEC_INFO:+told}"
`

/** What kubectl sends with these, tried with 1.20, 1.27 and 1.33 (`KUBECTL=... npx vitest run test/cluster/kubeconfig.test.ts`). */
export const rows: Row[] = [
  {
    name: 'two files of kubeadm with the same names: the first counts',
    files: { a: withUser('{token: first}'), b: withUser('{token: second}') },
    env: { KUBECONFIG: 'a:b' },
    seen: { headers: bearer('first') },
  },
  {
    name: 'a list with a missing, an empty and a file without a current context',
    files: { empty: '', a: `${clusters}\ncurrent-context: ""`, b: withUser('{token: second}') },
    env: { KUBECONFIG: 'none:empty:a:b' },
    seen: { headers: bearer('second') },
  },
  {
    name: 'a token file beside the kubeconfig, with a line end',
    files: { config: withUser('{tokenFile: tok.txt}'), 'tok.txt': 'of-the-file\n' },
    seen: { headers: bearer('of-the-file') },
  },
  {
    name: 'a token file and a token',
    files: { config: withUser('{tokenFile: tok.txt, token: old}'), 'tok.txt': 'of-the-file' },
    seen: { headers: bearer('of-the-file') },
  },
  {
    name: 'as, groups and extra',
    files: {
      config: withUser(
        '{token: t, as: "jane@example.org", as-groups: ["system:masters", ops], as-user-extra: {"acme.com/project%": [a, b], scopes: [c]}}',
      ),
    },
    seen: {
      headers: [
        ...bearer('t'),
        'impersonate-extra-acme.com%2fproject%25: a',
        'impersonate-extra-acme.com%2fproject%25: b',
        'impersonate-extra-scopes: c',
        'impersonate-group: ops',
        'impersonate-group: system:masters',
        'impersonate-user: jane@example.org',
      ],
    },
  },
  {
    name: 'an exec plugin with a path that starts at the kubeconfig, with an environment',
    files: {
      'site/config': withUser(
        '{exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: ./bin/login, args: [edge], env: [{name: WHO, value: me}], interactiveMode: Never, provideClusterInfo: true}}',
      ),
      'site/bin/login': plugin,
    },
    env: { KUBECONFIG: 'site/config' },
    seen: { headers: bearer('me-edge-told') },
  },
  {
    name: 'an exec plugin of $PATH without anything else',
    files: {
      config: withUser('{exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: login}}'),
      'path/login': plugin,
    },
    env: { PATH: 'path:/usr/bin:/bin' },
    seen: { headers: bearer('--told') },
  },
  {
    name: 'a client certificate by a relative path, its key as data',
    files: {
      config: withUser('{client-certificate: ../pki/client.crt, client-key-data: KEY}'),
    },
    seen: { headers: [], certificate: 'client' },
  },
  {
    name: 'a CA as data',
    files: { config: withCluster('{server: "https://127.0.0.1:PORT", certificate-authority-data: CA}') },
    seen: { headers: bearer('t') },
  },
  {
    name: 'another name of the server',
    files: {
      config: withCluster(
        '{server: "https://localhost:PORT", certificate-authority: PKI/ca.crt, tls-server-name: kubernetes}',
      ),
    },
    seen: { headers: bearer('t'), servername: 'kubernetes' },
  },
  {
    name: 'HTTPS_PROXY of the environment',
    files: {
      config: withCluster(
        '{server: "https://api.site.invalid:6443", certificate-authority: PKI/ca.crt, tls-server-name: kubernetes}',
      ),
    },
    env: { HTTPS_PROXY: 'http://127.0.0.1:PROXY', NO_PROXY: '10.0.0.0/8,other.invalid' },
    seen: { headers: bearer('t'), proxied: 'api.site.invalid:6443' },
  },
  {
    name: 'proxy-url before HTTPS_PROXY, with a login',
    files: {
      config: withCluster(
        '{server: "https://api.site.invalid:6443", certificate-authority: PKI/ca.crt, tls-server-name: kubernetes, proxy-url: "http://me:secret@127.0.0.1:PROXY"}',
      ),
    },
    env: { HTTPS_PROXY: 'http://127.0.0.1:1' },
    seen: { proxied: `api.site.invalid:6443 Basic ${Buffer.from('me:secret').toString('base64')}` },
  },
  {
    name: 'this machine is asked without the proxy',
    files: { config: withUser('{token: t}') },
    env: { HTTPS_PROXY: 'http://127.0.0.1:1' },
    seen: { headers: bearer('t') },
  },
  {
    name: 'kubectl proxy: http, no user',
    files: {
      config:
        'clusters: [{name: k, cluster: {server: "http://127.0.0.1:PLAIN"}}]\ncontexts: [{name: c, context: {cluster: k}}]\ncurrent-context: c',
    },
    seen: { headers: [] },
  },
  {
    name: 'http: no secret is sent, as is',
    files: { config: withCluster('{server: "http://127.0.0.1:PLAIN"}', '{token: t, as: jane}') },
    seen: { headers: ['impersonate-user: jane'] },
  },
  {
    name: 'a path behind the server, with a slash at its end',
    files: {
      config: withCluster(
        '{server: "https://127.0.0.1:PORT/k8s/clusters/c-x/", certificate-authority: PKI/ca.crt}',
      ),
    },
    seen: { path: '/k8s/clusters/c-x/version' },
  },
  {
    name: 'an entry that nobody needs and that is wrong',
    files: {
      config: withUser('{token: t}').replace('clusters: [', 'clusters: [{name: broken, cluster: {}}, '),
    },
    seen: { headers: bearer('t') },
  },
  {
    name: 'JSON with a BOM and line ends of Windows',
    files: {
      config: `\uFEFF${'{"clusters": [{"name": "k",\n "cluster": {"server": "https://127.0.0.1:PORT", "insecure-skip-tls-verify": true}}],\n "users": [{"name": "u", "user": {"username": "me", "password": "p"}}],\n "contexts": [{"name": "c", "context": {"cluster": "k", "user": "u"}}], "current-context": "c"}'.replaceAll('\n', '\r\n')}`,
    },
    seen: { headers: [`authorization: Basic ${Buffer.from('me:p').toString('base64')}`] },
  },
]

export interface Refusal {
  user?: string
  cluster?: string
  files?: Record<string, string>
  env?: Record<string, string>
  error: { code: string; message: string; hint?: string; detail?: string }
}

const exec = (rest: string): string =>
  `{exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: ./login, ${rest}}}`
const KUBECONFIG_PLUGIN = { code: 'KUBECONFIG_PLUGIN' }
const far = '{server: "https://api.site.invalid:6443", certificate-authority: PKI/ca.crt}'

export const refusals: Refusal[] = [
  {
    user: '{token: t, as-groups: [ops]}',
    error: { code: 'KUBECONFIG_INVALID', message: 'as-groups, as-uid or as-user-extra without as' },
  },
  {
    cluster: '{server: "127.0.0.1:PORT"}',
    error: {
      code: 'KUBECONFIG_INVALID',
      message: 'has a server that begins neither with https:// nor with http://',
    },
  },
  {
    user: '{tokenFile: tok.txt}',
    error: { code: 'KUBECONFIG_INVALID', message: 'ops/tok.txt cannot be read: there is no such file' },
  },
  {
    user: '{client-certificate: none.crt, client-key: none.key}',
    error: { code: 'KUBECONFIG_INVALID', message: 'gives no credentials', detail: 'ops/none.crt' },
  },
  {
    user: exec('installHint: get it from the intranet'),
    error: { ...KUBECONFIG_PLUGIN, message: 'ops/login is not there', hint: 'get it from the intranet' },
  },
  {
    user: exec('interactiveMode: Never'),
    files: { login: '#!/bin/sh\necho "no session" >&2\nexit 3' },
    error: { ...KUBECONFIG_PLUGIN, message: 'ops/login ended with 3', detail: 'no session' },
  },
  {
    user: exec('interactiveMode: Always'),
    error: { ...KUBECONFIG_PLUGIN, message: 'wants a terminal, and there is none' },
  },
  {
    user: exec('interactiveMode: Never'),
    files: { login: '#!/bin/sh\necho hunter2' },
    error: { ...KUBECONFIG_PLUGIN, message: 'printed no JSON' },
  },
  {
    user: exec('interactiveMode: Never'),
    files: { login: plugin.replace('v1beta1', 'v1') },
    error: { ...KUBECONFIG_PLUGIN, message: 'speaks client.authentication.k8s.io/v1, the kubeconfig says' },
  },
  {
    user: exec('interactiveMode: Never'),
    files: { login: plugin.replace('token', 'tocken') },
    error: { ...KUBECONFIG_PLUGIN, message: 'printed neither token nor certificate' },
  },
  {
    cluster: far,
    env: { HTTPS_PROXY: 'http://me:hunter2@127.0.0.1:1' },
    error: {
      code: 'API_UNREACHABLE',
      message: 'ECONNREFUSED',
      hint: 'goes through the proxy http://me@127.0.0.1:1',
    },
  },
  {
    cluster: far,
    env: { HTTPS_PROXY: 'http://me:hunter2@:3128' },
    error: { code: 'KUBECONFIG_INVALID', message: 'a proxy that has no address (proxy-url, $HTTPS_PROXY)' },
  },
  {
    cluster: far,
    env: { HTTPS_PROXY: 'http://127.0.0.1:PLAIN' },
    error: {
      code: 'API_UNREACHABLE',
      message: 'api.site.invalid',
      hint: 'goes through the proxy http://127',
    },
  },
]

/** By Go's rules (golang.org/x/net/http/httpproxy): server, NO_PROXY, whether it goes directly. */
export const exceptions: [server: string, list: string, direct: boolean][] = [
  ['https://api.example.org:6443', '', false],
  ['https://api.example.org:6443', '*', true],
  ['https://api.example.org:6443', 'example.org', true],
  ['https://example.org:6443', 'example.org', true],
  ['https://api.example.org:6443', ' .example.org ,', true],
  ['https://example.org:6443', '.example.org', false],
  ['https://api.example.org:6443', '*.example.org', true],
  ['https://badexample.org:6443', 'example.org', false],
  ['https://API.example.org:6443', 'api.Example.ORG', true],
  ['https://api.example.org:6443', 'api.example.org:6443', true],
  ['https://api.example.org:6443', 'api.example.org:443', false],
  ['https://api.example.org', 'api.example.org:443', true],
  ['https://10.96.0.1:6443', '10.96.0.0/12', true],
  ['https://10.96.0.1:6443', '10.97.0.0/16', false],
  ['https://10.96.0.1:6443', '10.96.0.1', true],
  ['https://10.96.0.1:6443', '10.96.0.1:6443', true],
  ['https://10.96.0.1:6443', '10.96.0.', false],
  ['https://[2001:db8::10]:6443', '2001:db8::/32', true],
  ['https://[2001:db8::10]:6443', '2001:db8:0::10', true],
  ['https://[2001:db8::10]:6443', '[2001:db8::10]:6443', true],
  ['https://localhost:6443', '', true],
  ['https://127.8.9.1:6443', '', true],
  ['https://[::1]:6443', '', true],
]
