import { readFileSync, statSync } from 'node:fs'
import pLimit from 'p-limit'
import { fileError } from '../errors/file.js'
import { YurtSshError } from '../errors.js'
import type { SecretSource } from '../inventory/types.js'

/** Asks the operator for a secret, without echo. */
export type AskSecret = (question: string) => Promise<string>

/** The secrets of a run. */
export interface Secrets {
  /**
   * The secret of a source; each is read once, and each question is put once, whatever the answer.
   * @throws YurtSshError SSH_SECRET: no such file or variable, empty, or a file that others can read; what asking throws
   */
  get(source: SecretSource, question: string): Promise<string>
}

/** Secrets that are read when they are first needed, one question at a time. */
export function createSecrets(ask: AskSecret, env: NodeJS.ProcessEnv): Secrets {
  const known = new Map<string, Promise<string>>()
  const oneAtATime = pLimit(1)

  async function read(source: SecretSource, question: string): Promise<string> {
    if (source === 'ask') return nonEmpty(await oneAtATime(() => ask(question)), 'the answer')
    if ('file' in source) return readSecretFile(source.file)
    return nonEmpty(env[source.env], `the environment variable ${source.env}`)
  }

  return {
    get(source, question) {
      const key = JSON.stringify(source === 'ask' ? question : source)
      const secret = known.get(key) ?? read(source, question)
      known.set(key, secret)
      return secret
    },
  }
}

/** The first line of a file that nobody else can read. */
function readSecretFile(file: string): string {
  let text: string
  try {
    if ((statSync(file).mode & 0o077) !== 0) {
      throw new YurtSshError('SSH_SECRET', `${file} holds a secret and others can read it`, {
        hint: `chmod 600 ${file}`,
      })
    }
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    if (cause instanceof YurtSshError) throw cause
    throw fileError('SSH_SECRET', `the secret in ${file}`, 'read', cause)
  }
  return nonEmpty(text.split(/\r?\n/)[0], file)
}

function nonEmpty(secret: string | undefined, what: string): string {
  if (secret) return secret
  throw new YurtSshError(
    'SSH_SECRET',
    `${what} is ${secret === undefined ? 'not set' : 'empty'}, and a secret is needed`,
  )
}

/** A source as errors name it. */
export function sourceName(source: SecretSource): string {
  if (source === 'ask') return 'as typed'
  return 'file' in source ? `from ${source.file}` : `from $${source.env}`
}
