import { existsSync } from 'node:fs'
import type { ParsedKey } from 'ssh2'
import { YurtSshError } from '../errors.js'
import type { SshHop } from '../inventory/types.js'
import { type Agent, createAgent } from './agent.js'
import { hopName } from './hop-name.js'
import { type KeyFile, readKeyFile } from './key-file.js'
import { type Secrets, sourceName } from './secrets.js'
import { bySha512 } from './signing.js'
import type { Trial } from './trials.js'

/**
 * sshd hangs up at the sixth failure (MaxAuthTries 6): four keys, asking what else it takes, and a password stay within
 * that.
 */
const maxKeys = 4

/** A key to offer, and who signs: the key itself, the agent within so many seconds, or the key once its passphrase is known. */
export interface KeyOffer {
  name: string
  key: ParsedKey
  signer: 'itself' | AgentSigner | { unlock: () => Promise<void> }
}

/** Who signs by a key as the agent knows it. */
interface AgentSigner {
  agent: Agent
  key: ParsedKey
  seconds: number
}

/** What to log in with, keys first. */
export interface Offer {
  keys: KeyOffer[]
  /** All that is offered, in words for an error. */
  tried: string[]
  password?: {
    value?: string
    name: string
    trial: Trial
    isProven: () => boolean
    unlock: () => Promise<void>
  }
}

export interface Identities {
  /**
   * `who` is whose password it is, in the question for it: hosts share one per user, a bastion has its own.
   * @throws YurtSshError SSH_KEY: a key file that cannot be used
   */
  offer(hop: SshHop, who: string): Promise<Offer>
}

export interface IdentitiesOptions {
  /** The agent's socket. */
  agent: string | undefined
  secrets: Secrets
  trials: (id: string) => Trial
}

/** Keys and passwords of a run: each file read and parsed once, not per connection, and opened once. */
export function createIdentities({ agent: socket, secrets, trials }: IdentitiesOptions): Identities {
  const agent = socket === undefined ? undefined : createAgent(socket)
  const files = new Map<string, KeyFile>()
  const opened = new Map<string, Promise<ParsedKey>>()
  const unlocked = new Map<string, ParsedKey>()
  const passwords = new Map<string, string>()

  function fileAt(path: string): KeyFile {
    const file = files.get(path) ?? readKeyFile(path)
    files.set(path, file)
    return file
  }

  async function open(file: KeyFile, { passphrase: source = 'ask' }: SshHop): Promise<ParsedKey> {
    const question = `passphrase for ${file.path}`
    const opening = opened.get(file.path) ?? secrets.get(source, question).then(file.unlock)
    opened.set(file.path, opening)
    const key = await opening
    unlocked.set(file.path, key)
    return key
  }

  async function offerFile(file: KeyFile, held: readonly ParsedKey[], hop: SshHop): Promise<KeyOffer> {
    const name = file.path + (existsSync(`${file.path}-cert.pub`) ? ' without its certificate' : '')
    const ready = file.private ?? unlocked.get(file.path)
    if (ready !== undefined) return { name: `${name} (${ready.type})`, key: ready, signer: 'itself' }
    const known = file.public
    const inAgent = held.find((key) => known?.equals(key))
    if (inAgent !== undefined && agent !== undefined)
      return { name: `${name} (by the agent)`, key: inAgent, signer: signer(agent, inAgent, hop) }
    if (file.publicOnly) throw publicOnly(file.path)
    if (known === undefined) return { name, key: await open(file, hop), signer: 'itself' }
    const unlock = async () => void (await open(file, hop))
    return { name: `${name} (${known.type}, with a passphrase)`, key: known, signer: { unlock } }
  }

  return {
    async offer(hop, who) {
      const own = hop.identityFile.slice(0, maxKeys).map(fileAt)
      const isNeeded = !hop.identitiesOnly || own.some((file) => !file.private && !unlocked.has(file.path))
      const held = agent !== undefined && isNeeded ? await agent.keys() : []
      const keys: KeyOffer[] = []
      for (const file of own) keys.push(await offerFile(file, held ?? [], hop))
      const tried = keys.map(({ name }) => name)
      if (agent !== undefined && !hop.identitiesOnly) {
        const others = (held ?? []).filter((key) => !own.some((file) => file.public?.equals(key)))
        const taken = others.slice(0, maxKeys - keys.length)
        keys.push(...taken.map((key) => ({ name: 'the agent', key, signer: signer(agent, key, hop) })))
        tried.push(agentInWords(held, taken.length, others.length))
      }
      const rsa = keys.filter(({ key }) => key.type === 'ssh-rsa').slice(0, maxKeys - keys.length)
      keys.push(...rsa.map((offer) => ({ ...offer, key: bySha512(offer.key) })))
      const { password: source } = hop
      if (source === undefined) return { keys, tried }
      const question = `SSH password for ${who}`
      const id = JSON.stringify(source === 'ask' ? question : source)
      const trial = trials(`login ${hop.user} ${id}`)
      const unlock = async () => {
        trial.mustBeFree(hopName(hop))
        passwords.set(id, await secrets.get(source, question))
      }
      const value = passwords.get(id)
      const name = `the password ${sourceName(source)}`
      return {
        keys,
        tried,
        password: {
          name,
          trial,
          isProven: () => trial.isProven(hopName(hop)),
          unlock,
          ...(value !== undefined && { value }),
        },
      }
    },
  }
}

/** It has to sign before the login is given up, so that it can be said who did not. */
function signer(agent: Agent, key: ParsedKey, { connectTimeout }: SshHop): AgentSigner {
  return { agent, key, seconds: connectTimeout * 0.75 }
}

function agentInWords(held: ParsedKey[] | undefined, taken: number, all: number): string {
  if (held === undefined) return 'the agent (it does not answer)'
  return `the agent (${taken === all ? `${all} keys` : `${taken} of ${all} keys`})`
}

function publicOnly(path: string): YurtSshError {
  return new YurtSshError('SSH_KEY', `${path} is a public key, and the agent does not hold its private one`, {
    hint: 'identityFile takes the private one, without .pub',
  })
}
