import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { YurtSshError } from '../../src/errors.js'
import type { BastionLayer, GivenHop } from '../../src/inventory/settings.js'
import { readSshConfig } from '../../src/inventory/ssh-config-read.js'
import { type ResolvedSsh, sshResolver } from '../../src/inventory/ssh-resolve.js'
import { fc, patience, runs } from '../support/properties.js'
import { describeWith } from '../support/sshd.js'

const folder = mkdtempSync(join(tmpdir(), 'ssh-config-'))
const file = join(folder, 'config')
const key = join(folder, 'key')
const home = homedir()
writeFileSync(key, '')
writeFileSync(join(folder, 'key-a.example'), '')
afterAll(() => rmSync(folder, { recursive: true }))

/** What a host comes to by an ssh_config, and by what an inventory sets before it. */
function resolveBy(
  text: string,
  alias: string,
  set: GivenHop = {},
  bastion?: BastionLayer | null,
): ResolvedSsh {
  writeFileSync(file, text)
  const resolve = sshResolver({
    folder,
    home,
    user: userInfo().username,
    identityFiles: ['default'],
    sshConfig: (choice) => readSshConfig(choice === undefined ? file : choice, home),
  })
  return resolve({ set, from: {}, ...(bastion !== undefined && { bastion }) }, alias)
}

function refusal(text: string, alias: string, set: GivenHop = {}): YurtSshError | undefined {
  try {
    resolveBy(text, alias, set)
    return undefined
  } catch (error) {
    return error as YurtSshError
  }
}

describe('ssh_config', () => {
  it('fills what the inventory leaves open, and says where from', () => {
    const text = `Host a\n  Port 2222\n  User them\n  HostName 192.0.2.7\n# all\nHost *\n  User nobody\n  ConnectTimeout 1m\n`
    const { settings, origins } = resolveBy(text, 'a', { user: 'me' })
    expect(settings).toMatchObject({ address: '192.0.2.7', port: 2222, user: 'me', connectTimeout: 60 })
    expect(origins).toMatchObject({
      address: `${file}:4`,
      port: `${file}:2`,
      user: 'inventory',
      connectTimeout: `${file}:8`,
      identitiesOnly: 'default',
    })
  })

  it('replaces tokens, and takes only keys that are there', () => {
    const text = [
      `HostName %h.example`,
      `IdentityFile ${folder}/key-%h`,
      `IdentityFile ${folder}/missing`,
      `IdentityFile %d/%r-%u-%n-%%`,
      `UserKnownHostsFile ~/known-%h none`,
      `ServerAliveInterval 5`,
      'ProxyCommand nc -X 5 "%h" %p %r %n 100%%',
    ]
    const { settings } = resolveBy(text.join('\n'), 'a', { user: 'me', port: 2 })
    expect(settings).toMatchObject({
      identityFile: [`${folder}/key-a.example`],
      knownHosts: [
        ...[`${home}/known-a.example`, '/dev/null'],
        ...['/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2'],
      ],
      serverAliveInterval: 5,
      proxyCommand: 'nc -X 5 "a.example" 2 me a 100%',
    })
  })

  it('makes a chain of ProxyJump, each hop with settings of its own', () => {
    const text = [
      'Host target\n ProxyJump a,me@b:2200',
      'Host b\n IdentityFile none\n User them',
      'Host a\n HostName 192.0.2.1\n ProxyJump z\n StrictHostKeyChecking accept-new',
    ]
    const { settings, origins } = resolveBy(text.join('\n'), 'target', { user: 'ops', port: 3 })
    expect(settings.bastion).toMatchObject({
      address: 'b',
      user: 'me',
      port: 2200,
      identityFile: [],
      bastion: {
        address: '192.0.2.1',
        user: userInfo().username,
        port: 22,
        strictHostKeyChecking: 'accept-new',
        bastion: { address: 'z' },
      },
    })
    expect(origins).toMatchObject({
      bastion: `${file}:2`,
      'bastion.user': `${file}:2`,
      'bastion.bastion.bastion': `${file}:8`,
      'bastion.bastion.address': `${file}:7`,
    })
  })

  it.each([
    ['the bastion of the inventory', { address: 'mine', set: {}, from: {} }, 'mine'],
    ['none', null, undefined],
  ])('%s counts before ProxyJump', (_, bastion, expected) => {
    const text = 'Host target\n ProxyJump theirs'
    expect(resolveBy(text, 'target', {}, bastion).settings.bastion?.address).toBe(expected)
  })

  it('takes a command of the inventory before the way of ssh_config, with the tokens of ssh', () => {
    const text = 'HostName %h.example\nProxyJump theirs'
    const { settings, origins } = resolveBy(text, 'target', {
      proxyCommand: 'nc -X 5 %h %p %n %r %%',
      user: 'me',
    })
    expect(settings.bastion).toBeUndefined()
    expect(settings.proxyCommand).toBe('nc -X 5 target.example 22 target me %')
    expect(origins.proxyCommand).toBe('inventory')
    expect(resolveBy(text, 'target', { proxyCommand: null }).settings.bastion).toBeUndefined()
  })

  it.each([
    ['Host *\n ProxyJump jump', /:2: there are more than 8 bastions in a row/],
    ['Match exec true\n Port 3', /:2: port stands under `Match exec`, which is never looked at/],
    ['Match host target exec "touch /tmp/x"\n ProxyJump x', /:2: proxyjump stands under `Match exec`/],
    ['Match exec true\n RevokedHostKeys /etc/revoked', /:2: revokedhostkeys stands under `Match exec`/],
    ['Match exec true\n HashKnownHosts yes', /:2: hashknownhosts stands under `Match exec`/],
    ['HashKnownHosts maybe', /:1: hashknownhosts "maybe" is neither yes nor no/],
    ['Match final\n User x', /Match final/],
    ['RevokedHostKeys /etc/revoked', /:1: RevokedHostKeys is not supported/],
    ['HostName %x', /:1: %x in hostname is not known here/],
    [
      'IdentityFile ${NOT_SET_HERE}/id',
      /:1: \$\{NOT_SET_HERE\} in identityfile is not set in the environment/,
    ],
    ['Host *\n UserKnownHostsFile none ~/${NOT_SET_HERE}', /:2: \$\{NOT_SET_HERE\} in userknownhostsfile/],
    ['ProxyJump $(id)@jump', /:1: ProxyJump "\$\(id\)@jump" is not user@host:port/],
    ['HostName a;b', /:1: HostName "a;b" is no address/],
    ['Port 0x16', /:1: Port "0x16" is no port/],
    ["User 'me", /:1: a quote has no end/],
    ['Port 0', /:1: Port "0" is no port/],
    ['IdentitiesOnly maybe', /:1: identitiesonly "maybe" is neither yes nor no/],
    ['StrictHostKeyChecking', /:1: stricthostkeychecking "" is no policy for host keys/],
    ['ConnectTimeout soon', /:1: connecttimeout "soon" is no time/],
    ['ProxyJump a:b:c', /:1: ProxyJump "a:b:c" is not user@host:port/],
    ['ProxyJump none\nHost *\n ProxyCommand nc', /:3: ProxyCommand stands after `ProxyJump none` \(.*:1\)/],
    ['ProxyJump "none"', /:1: ProxyJump "\\"none\\"" is not user@host:port/],
    ['User "$(id)"\nProxyCommand nc %r', /:2: ProxyCommand cannot have "\$\(id\)" put into it/],
    [`Include ${file}`, /more than 16 includes deep/],
    ['Include conf.d/[0-9]*.conf', /only \*, \? and ~\/ are/],
    ['BindAddress 192.0.2.1', /:1: bindaddress is not supported, and without it another machine may answer/],
    ['Match exec true\n BindInterface tun0', /:2: bindinterface stands under `Match exec`/],
    ['ProxyCommand x %h\nProxyUseFdpass yes', /:2: proxyusefdpass is not supported/],
    ['CanonicalizeHostname yes\nCanonicalDomains a.example', /:1: canonicalizehostname is not supported/],
    [
      'ProxyJump x\nCanonicalizeHostname always\nCanonicalDomains a.example',
      /:2: canonicalizehostname is not supported/,
    ],
    ['Include ~ops/.ssh/config', /only \*, \? and ~\/ are/],
  ])('refuses %j', (text, message) => {
    expect(refusal(text, 'target')).toMatchObject({
      code: 'SSH_CONFIG',
      message: expect.stringMatching(message),
    })
  })

  it.each([
    ['Match host other exec true\n Port 3', {}],
    ['Port 2\nMatch exec true\n Port 3', {}],
    ['Match exec true\n Port 3', { port: 2 }],
    ['Match exec true\n SendEnv LANG', {}],
    ['Match canonical\n Port 3', {}],
    ['ProxyCommand x %h\nBindAddress 192.0.2.1', {}],
    ['ProxyUseFdpass yes', {}],
    ['BindInterface tun0', { proxyCommand: 'nc %h %p' }],
    ['CanonicalizeHostname yes\nCanonicalDomains a.example\nProxyCommand x %h', {}],
    ['CanonicalizeHostname yes\nCanonicalizeMaxDots 0\nHost *.*', {}],
  ])('does not mind a condition that makes no difference: %j', (text, set) => {
    expect(refusal(text, 'target', set)).toBeUndefined()
  })

  it.each([
    ['ProxyJump none\nProxyCommand nc', null],
    ['ProxyJump none\nProxyCommand none', undefined],
    ['ProxyCommand none\nProxyJump none\nProxyCommand nc', undefined],
    ['ProxyCommand none\nProxyJump j', undefined],
  ])('goes directly with %j, the bastion of the inventory being %j', (text, bastion) => {
    const { settings } = resolveBy(text, 'target', {}, bastion)
    expect([settings.bastion, settings.proxyCommand]).toEqual([undefined, undefined])
  })

  it('never runs a Match exec', () => {
    const trace = join(folder, 'trace')
    expect(refusal(`Match exec "touch ${trace}"\n Port 3`, 'target')).toMatchObject({ code: 'SSH_CONFIG' })
    expect(spawnSync('ls', [trace]).status).not.toBe(0)
  })

  it('lists what it does not honour and could matter', () => {
    const text =
      'CertificateFile x\nCiphers aes128-ctr\nGSSAPIAuthentication yes\nSendEnv LANG\nHostKeyAlias y\n'
    expect(resolveBy(text, 'target').settings.notHonoured).toEqual([
      `CertificateFile (${file}:1)`,
      `Ciphers (${file}:2)`,
      `HostKeyAlias (${file}:5)`,
    ])
  })

  it('is not trusted when others can write it', () => {
    const other = join(folder, 'home')
    mkdirSync(join(other, '.ssh'), { recursive: true })
    writeFileSync(join(other, '.ssh/config'), 'Port 3')
    expect(readSshConfig(undefined, other)[0]).toMatchObject({ keyword: 'port', words: ['3'] })
    chmodSync(join(other, '.ssh/config'), 0o666)
    expect(() => readSshConfig(undefined, other)).toThrow(/can be written by others/)
    expect(readSshConfig(null, other)).toEqual([])
    expect(() => readSshConfig(join(other, 'missing'), other)).toThrow(/cannot be read/)
  })
})

describeWith(['ssh'], 'agreement with ssh -G', () => {
  const name = fc.constantFrom('a', 'b', 'ab', 'a.x', 'b.x')
  const pattern = fc.constantFrom('a', 'b', '*', 'a*', '?', '??', '*.x', '!a', '!*.x', 'a.?')
  const patterns = fc.array(pattern, { minLength: 1, maxLength: 3 })
  const user = fc.constantFrom('u', 'v', 'root')
  const setting = fc.oneof(
    fc.constantFrom('HostName h', 'HostName %h.x', 'hostname=192.0.2.1', 'HostName "b"'),
    user.map((value) => `User ${value}`),
    fc.constantFrom('User x#y', 'User x # y', "User 'x y'", 'User "x\\"y"'),
    fc.constantFrom('Port 1', 'Port = 22', 'port\t333'),
    fc.constantFrom(`IdentityFile ${key}`, `IdentityFile "${folder}/other key"`, 'IdentityFile ~/none-such'),
    fc.constantFrom('IdentitiesOnly yes', 'IdentitiesOnly no', 'identitiesonly "yes"'),
    fc.constantFrom(
      'ProxyJump j',
      'ProxyJump j:3 # x',
      'ProxyJump j1,j2',
      'ProxyJump none',
      'ProxyJump none # x',
    ),
    fc.constantFrom(
      'ProxyCommand nc -q "%h" %p',
      'ProxyCommand none',
      'ProxyCommand=sh -c "x \\"y\\" $Z" # no',
    ),
    fc.constantFrom(
      'UserKnownHostsFile /k1 "/k 2"',
      'UserKnownHostsFile ~/k',
      "UserKnownHostsFile '/k 2' /k\\ 3 /k#4 # /k5",
      'GlobalKnownHostsFile /g1 /g2',
    ),
    fc.constantFrom('yes', 'no', 'off', 'ask', 'accept-new').map((value) => `StrictHostKeyChecking ${value}`),
    fc.constantFrom('5', '1m', '1h30', 'none').map((value) => `ConnectTimeout ${value}`),
    fc.constantFrom(
      'ServerAliveInterval 7',
      'ServerAliveInterval 0',
      'ServerAliveInterval none',
      'ServerAliveCountMax 9',
    ),
    fc.constantFrom('', '# comment', '   ', 'SendEnv LANG LC_*', 'Compression yes'),
  )
  const criterion = fc.oneof(
    fc
      .tuple(fc.constantFrom('host', 'originalhost', '!host', 'Host'), patterns)
      .map(([word, list]) => `${word} ${list.join(',')}`),
    fc.tuple(fc.constantFrom('user', '!user', 'localuser'), user).map((words) => words.join(' ')),
  )
  const head = fc.oneof(
    { weight: 3, arbitrary: patterns.map((list) => `Host ${list.join(' ')}`) },
    {
      weight: 2,
      arbitrary: fc.array(criterion, { minLength: 1, maxLength: 2 }).map((list) => `Match ${list.join(' ')}`),
    },
    { weight: 1, arbitrary: fc.constant('Match all') },
  )
  const block = fc
    .tuple(head, fc.array(setting, { maxLength: 4 }))
    .map(([first, rest]) => [first, ...rest.map((line) => `  ${line}`)].join('\n'))
  const config = fc
    .tuple(fc.array(setting, { maxLength: 2 }), fc.array(block, { maxLength: 4 }))
    .map(([top, blocks]) => [...top, ...blocks].join('\n'))

  /** The values of `ssh -G`, by keyword. */
  function sshG(alias: string, text: string): Map<string, string[]> | undefined {
    writeFileSync(file, text)
    const { status, stdout } = spawnSync('ssh', ['-G', '-F', file, alias], { encoding: 'utf8' })
    if (status !== 0) return undefined
    const values = new Map<string, string[]>()
    for (const line of stdout.split('\n')) {
      const [keyword = '', ...rest] = line.split(' ')
      values.set(keyword, [...(values.get(keyword) ?? []), rest.join(' ')])
    }
    return values
  }

  const policies = { true: 'strict', ask: 'strict', 'accept-new': 'accept-new', false: 'off' }

  function compare(alias: string, text: string): boolean {
    const theirs = sshG(alias, text)
    if (theirs === undefined) return false
    const one = (keyword: string) => theirs.get(keyword)?.[0]
    const refused = refusal(text, alias)
    // ssh -G does not look at the jump hosts, ssh itself would end in "jumphost loop".
    if (refused?.message.includes('bastions in a row')) return false
    // Versions of ssh differ.
    if (refused?.message.includes('stands after `ProxyJump none`')) return false
    // Of user names, this ssh's ProxyCommand takes more than we do.
    if (refused?.message.includes('ProxyCommand cannot have')) return false
    const { settings } = resolveBy(text, alias)
    const direct =
      one('proxyjump')
        ?.split(',')
        .map((hop) => hop.replace(/^.*@|:\d+$/g, '')) ?? []
    const chain: string[] = []
    for (let hop = settings.bastion; hop !== undefined; hop = hop.bastion) chain.unshift(hop.address)
    const expandedCommand = one('proxycommand')
      ?.replace('%h', settings.address)
      .replace('%p', String(settings.port))
    expect({
      address: settings.address,
      user: settings.user,
      port: String(settings.port),
      identitiesOnly: settings.identitiesOnly,
      knownHosts: settings.knownHosts.join(' '),
      policy: settings.strictHostKeyChecking,
      timeout: settings.connectTimeout,
      interval: settings.serverAliveInterval ?? 0,
      count: settings.serverAliveCountMax ?? 3,
      jumps: direct.length === 0 ? chain : chain.slice(-direct.length),
      command: settings.proxyCommand,
      keys: settings.identityFile,
    }).toEqual({
      address: one('hostname'),
      user: one('user'),
      port: one('port'),
      identitiesOnly: one('identitiesonly') === 'yes',
      knownHosts: knownHosts(one('userknownhostsfile'), one('globalknownhostsfile')),
      policy: policies[one('stricthostkeychecking') as keyof typeof policies],
      timeout: one('connecttimeout') === 'none' ? 20 : Number(one('connecttimeout')),
      interval: Number(one('serveraliveinterval')),
      count: Number(one('serveralivecountmax')),
      jumps: direct.map((jump) => resolveBy(text, jump).settings.address),
      command: expandedCommand,
      keys: keys(theirs.get('identityfile') ?? []),
    })
    return true
  }

  function knownHosts(users = '', globals = ''): string {
    return [users, globals].join(' ')
  }

  /** Only `key` exists; without any line that holds, ssh prints its defaults. */
  function keys(files: string[]): string[] {
    const named = files.filter((path) => path === key)
    const isDefault = files.some((path) => /^~\/\.ssh\/id_/.test(path))
    return isDefault ? ['default'] : [...new Set(named)]
  }

  it(
    'finds the same settings',
    () => {
      let compared = 0
      const property = fc.property(config, name, (text, alias) => {
        if (compare(alias, text)) compared++
      })
      fc.assert(property, { numRuns: runs(200) })
      expect(compared).toBeGreaterThan(100)
    },
    patience(60_000),
  )

  it(
    'follows includes as ssh does',
    () => {
      mkdirSync(join(folder, 'd'), { recursive: true })
      const part = fc
        .tuple(config, config, config, head)
        .map(([one, two, rest, outer]) => ({ one, two, rest, outer }))
      const property = fc.property(part, name, ({ one, two, rest, outer }, alias) => {
        writeFileSync(join(folder, 'd/1.conf'), one)
        writeFileSync(join(folder, 'd/2.conf'), two)
        writeFileSync(join(folder, 'd/.3.conf'), 'Port 4')
        compare(alias, `${outer}\n  Include ${folder}/d/*.conf\n  Port 77\n${rest}`)
      })
      fc.assert(property, { numRuns: runs(100) })
    },
    patience(60_000),
  )
})
