import { readFileSync } from 'node:fs'
import ssh2, { type AnyAuthMethod, type ParsedKey } from 'ssh2'
import { messageOf, YurtSshError } from '../errors.js'
import type { SshHop } from '../inventory/types.js'
import { quickSigner } from './signing.js'

/** sshd hangs up after 6 failures (MaxAuthTries), and the agent wants a few of them. */
const maxKeyFiles = 4

/** What to log in with. */
export interface Identities {
  /**
   * The methods in order, and the same in words for an error.
   * @throws YurtSshError SSH_KEY: a key file that cannot be used
   */
  methods(hop: SshHop): { methods: AnyAuthMethod[]; tried: string[] }
}

/** Private keys of a run, each file read and parsed once, not per connection; `agent` is the agent's socket. */
export function createIdentities(agent: string | undefined): Identities {
  const parsed = new Map<string, ParsedKey | 'encrypted'>()

  function identity(path: string): ParsedKey | 'encrypted' {
    const key = parsed.get(path) ?? readIdentity(path)
    parsed.set(path, key)
    return key
  }

  return {
    methods(hop) {
      const username = hop.user
      const useAgent = agent !== undefined && !hop.identitiesOnly
      const methods: AnyAuthMethod[] = []
      const tried: string[] = []
      for (const path of hop.identityFile.slice(0, maxKeyFiles)) {
        const key = identity(path)
        if (key === 'encrypted' && !useAgent) throw encrypted(path)
        if (key !== 'encrypted') methods.push({ type: 'publickey', username, key })
        tried.push(
          key === 'encrypted' ? `${path} (has a passphrase, left to the agent)` : `${path} (${key.type})`,
        )
      }
      if (useAgent) {
        methods.push({ type: 'agent', username, agent })
        tried.push('the agent')
      }
      return { methods, tried }
    },
  }
}

function readIdentity(path: string): ParsedKey | 'encrypted' {
  let text: Buffer
  try {
    text = readFileSync(path)
  } catch (cause) {
    throw new YurtSshError('SSH_KEY', `private key ${path} cannot be read: ${messageOf(cause)}`, { cause })
  }
  const [key] = [ssh2.utils.parseKey(text)].flat()
  if (key instanceof Error && /passphrase/.test(key.message)) return 'encrypted'
  if (key === undefined || key instanceof Error) {
    throw new YurtSshError(
      'SSH_KEY',
      `${path} is not a private key that can be used: ${key?.message ?? 'it is empty'}`,
    )
  }
  if (!key.isPrivateKey()) {
    throw new YurtSshError('SSH_KEY', `${path} is a public key`, {
      hint: 'identityFile takes the private one, without .pub',
    })
  }
  return quickSigner(key)
}

function encrypted(path: string): YurtSshError {
  return new YurtSshError('SSH_KEY', `private key ${path} has a passphrase`, {
    hint: `start an agent and \`ssh-add ${path}\`, and leave identitiesOnly off`,
  })
}
