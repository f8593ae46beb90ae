import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { HostKeyPolicy } from '../../src/inventory/types.js'
import { createDialer } from '../../src/ssh/bastion.js'
import { createHostKeys } from '../../src/ssh/host-keys.js'
import { createIdentities } from '../../src/ssh/identities.js'
import { createSecrets } from '../../src/ssh/secrets.js'
import { createTrials } from '../../src/ssh/trials.js'
import { describeWith, keygen, type Sshd, settingsFor, startSshd } from '../support/sshd.js'

const folder = mkdtempSync(join(tmpdir(), 'trust-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Files in the order in which ssh reads them: two of the user, two of the system. */
type Files = [user: string, user2?: string, global?: string, global2?: string]

const bom = '\uFEFF'
const plain = '127.0.0.1 KEY'

/** What each trusts under strict, accept-new and off: `saa` is all three. Where ours is stricter than ssh, both are given. */
const rows: [what: string, files: Files, ours: string, theirs?: string][] = [
  ['nothing is known', [''], '-aa'],
  ['the key', [plain], 'saa'],
  ['the key on its port', ['[127.0.0.1]:PORT KEY'], 'saa'],
  ['the key of port 22, another of its own port', [`${plain}\n[127.0.0.1]:PORT OTHER`], '--a'],
  ['another key', ['[127.0.0.1]:PORT OTHER'], '--a'],
  ['the key in the second file', ['', plain], 'saa'],
  ['the key in the files of the system', ['', '', plain], 'saa'],
  ['the key in the second file of the system', ['', '', '', plain], 'saa'],
  ['the key, revoked beside it', [`${plain}\n@revoked * KEY`], '---', '--a'],
  ['the key, revoked on its port', [`${plain}\n@revoked [127.0.0.1]:PORT KEY`], '---', '--a'],
  ['the key, revoked in the second file', [plain, '@revoked * KEY'], '---', '--a'],
  ['the key, revoked by the system', [plain, '', '@revoked * KEY'], '---', '--a'],
  ['the key, revoked in the second file of the system', [plain, '', '', '@revoked * KEY'], '---', '--a'],
  ['another key revoked', [`${plain}\n@revoked * OTHER`], 'saa'],
  ['the key for another host revoked', [`${plain}\n@revoked 192.0.2.1 KEY`], 'saa'],
  ['a byte order mark before the key', [`${bom}${plain}`], '-aa'],
  ['a byte order mark before a comment', [`${bom}# mine\n${plain}`], 'saa'],
  ['a byte order mark before a revocation', [`${bom}@revoked * KEY\n${plain}`], 'saa'],
  ['a byte order mark before a blank', [`${bom} ${plain}`], '-aa'],
  ['a no-break space before the key', [`\u00A0${plain}`], '-aa'],
  ['ends of lines of Windows', [`${plain}\r\n`], 'saa'],
  ['a revocation with ends of lines of Windows', [`${plain}\r\n@revoked * KEY\r\n`], '---', '--a'],
  ['a key that is no base64', ['127.0.0.1 BROKEN'], '-aa'],
  ['an authority', ['@cert-authority * CA'], '--a', '-aa'],
]

const certified: typeof rows = [
  ['nothing is known', [''], '-aa'],
  ['its authority', ['@cert-authority * CA'], '--a', 'saa'],
  ['its key', [plain], 'saa'],
  ['its authority revoked', ['@revoked * CA'], '---', '--a'],
  ['its authority revoked in the second file', ['', '@revoked * CA'], '---', '--a'],
  ['its authority revoked, its key on record', [`${plain}\n@revoked * CA`], '---', '--a'],
  ['another authority revoked, its key on record', [`${plain}\n@revoked * OTHER`], '---', 'saa'],
  ['its authority trusted and revoked', ['@cert-authority * CA\n@revoked * CA'], '---', '--a'],
  ['another authority revoked', ['@revoked * OTHER'], '---', '-aa'],
]

const policies: [HostKeyPolicy, theirs: string, letter: string][] = [
  ['strict', 'yes', 's'],
  ['accept-new', 'accept-new', 'a'],
  ['off', 'no', 'a'],
]

describeWith(['sshd', 'ssh', 'keygen'], 'host keys are trusted as by ssh, or less', () => {
  let sshd: Sshd
  let withCertificate: Sshd
  let key: string
  const keys: Record<string, string> = {}
  beforeAll(async () => {
    keys.CA = keygen(join(folder, 'ca'))
    keys.OTHER = keygen(join(folder, 'other'))
    key = keygen(join(folder, 'host'))
    execFileSync('ssh-keygen', [
      ...['-q', '-s', join(folder, 'ca'), '-I', 'host', '-h', '-n', '127.0.0.1'],
      join(folder, 'host.pub'),
    ])
    const hostKey = `HostKey ${join(folder, 'host')}`
    sshd = await startSshd({ hostKeyTypes: [], config: [hostKey] })
    withCertificate = await startSshd({
      hostKeyTypes: [],
      config: [hostKey, `HostCertificate ${join(folder, 'host-cert.pub')}`],
    })
  })
  afterAll(() => Promise.all([sshd.stop(), withCertificate.stop()]))

  let runs = 0
  function written(files: Files, port: number): string[] {
    const place = join(folder, `run-${runs++}`)
    mkdirSync(place)
    return ['known', 'known2', 'global', 'global2'].map((name, index) => {
      const text = (files[index] ?? '')
        .replaceAll('PORT', String(port))
        .replaceAll('KEY', key)
        .replaceAll('OTHER', keys.OTHER ?? '')
        .replaceAll(/CA$/gm, keys.CA ?? '')
        .replaceAll('BROKEN', key.replace(/ (.{20})/, ' $1!'))
      writeFileSync(join(place, name), text)
      return join(place, name)
    })
  }

  async function trustedByUs(host: Sshd, knownHosts: string[], policy: HostKeyPolicy): Promise<boolean> {
    const secrets = createSecrets(async () => '', {})
    const identities = createIdentities({ agent: undefined, secrets, trials: createTrials() })
    const dialer = createDialer({
      credentials: { identities, hostKeys: createHostKeys() },
      maxStarts: 5,
      signal: new AbortController().signal,
    })
    const settings = { ...settingsFor(host), knownHosts, strictHostKeyChecking: policy }
    try {
      ;(await dialer.dial(settings)).close()
      return true
    } catch (error) {
      expect(error).toMatchObject({ code: expect.stringMatching(/^SSH_HOST_KEY_/) })
      return false
    }
  }

  async function trustedBySsh(host: Sshd, known: string[], checking: string): Promise<boolean> {
    const [user, user2, global, global2] = known
    const child = spawn(
      'ssh',
      [
        ...['-F', 'none', '-oBatchMode=yes', '-oIdentitiesOnly=yes', `-oStrictHostKeyChecking=${checking}`],
        ...['-oUpdateHostKeys=no', `-oUserKnownHostsFile=${user} ${user2}`],
        ...[`-oGlobalKnownHostsFile=${global} ${global2}`, '-i', join(host.folder, 'id')],
        ...['-p', String(host.port), '127.0.0.1', 'true'],
      ],
      { stdio: 'ignore' },
    )
    return (await new Promise((resolve) => child.once('exit', resolve))) === 0
  }

  async function compare(host: Sshd, files: Files) {
    const verdicts = await Promise.all(
      policies.map(async ([policy, checking, letter]) => {
        const [ours, theirs] = await Promise.all([
          trustedByUs(host, written(files, host.port), policy),
          trustedBySsh(host, written(files, host.port), checking),
        ])
        expect(ours && !theirs, `laxer than ssh under ${policy}`).toBe(false)
        return { ours: ours ? letter : '-', theirs: theirs ? letter : '-' }
      }),
    )
    return {
      ours: verdicts.map(({ ours }) => ours).join(''),
      theirs: verdicts.map(({ theirs }) => theirs).join(''),
    }
  }

  it.each(rows)('%s', async (_, files, ours, theirs = ours) => {
    expect(await compare(sshd, files)).toEqual({ ours, theirs })
  })

  it.each(certified)('with a certificate: %s', async (_, files, ours, theirs = ours) => {
    expect(await compare(withCertificate, files)).toEqual({ ours, theirs })
  })

  it('nothing is written into a file with a byte order mark but a line of its own', async () => {
    const [known = '', ...others] = written([`${bom}${plain}`], sshd.port)
    expect(await trustedByUs(sshd, [known, ...others], 'accept-new')).toBe(true)
    expect(readFileSync(known, 'utf8').split('\n')).toHaveLength(3)
  })
})
