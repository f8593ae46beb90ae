import ssh2, {
  type AnyAuthMethod,
  type AuthHandlerMiddleware,
  type IdentityCallback,
  type ParsedKey,
  type Prompt,
  type SignCallback,
  type SigningRequestOptions,
} from 'ssh2'
import { YurtSshError } from '../errors.js'
import type { LoginProgress } from './failures.js'
import type { KeyOffer, Offer } from './identities.js'
import { hashOf } from './signing.js'
import type { Trial } from './trials.js'

/** A login that cannot go on before something is asked for; it is given up meanwhile, since a server does not wait long. */
export class Locked extends Error {
  readonly unlock: () => Promise<void>
  /** The password that is to be sent in its turn. */
  readonly trial: Trial | undefined

  constructor(unlock: () => Promise<void>, trial?: Trial) {
    super('a secret is needed first')
    this.unlock = unlock
    this.trial = trial
  }
}

export interface Login {
  user: string
  offer: Offer
  progress: LoginProgress
  /** Whose password it is the turn of. */
  turn: Trial | undefined
  /** Ends the login with this error. */
  giveUp: (error: Error) => void
}

/**
 * Offers the keys one after another, then the password once, by the method that the server takes. What it takes is in its
 * answer to a key, except to one that an agent signs for: then it is asked.
 */
export function authHandler(login: Login): AuthHandlerMiddleware {
  const { user: username, offer, progress } = login
  const keys = [...offer.keys]
  let asked = false
  let passwordLeft = offer.password

  return (accepted: readonly string[] | null, _partial, next) => {
    if (accepted !== null) progress.accepted = accepted
    const takes = (method: string) => progress.accepted === undefined || progress.accepted.includes(method)
    const key = takes('publickey') ? keys.shift() : undefined
    if (key !== undefined) return next(methodFor(key, login))
    if (progress.accepted === undefined && !asked) {
      asked = true
      return next({ type: 'none', username })
    }
    const password = passwordLeft
    passwordLeft = undefined
    if (password === undefined || !(takes('password') || takes('keyboard-interactive'))) return giveIn(next)
    if (progress.doubt !== undefined) return login.giveUp(progress.doubt)
    const { value, name, trial, isProven, unlock } = password
    if (value === undefined || (login.turn !== trial && !isProven()))
      return login.giveUp(new Locked(unlock, trial))
    progress.tried.push(name)
    if (takes('password')) return next({ type: 'password', username, password: value })
    return next({ type: 'keyboard-interactive', username, prompt: prompter(value, login) })
  }
}

/** ssh2 takes `false` for the end; its types do not say so. */
function giveIn(next: (method: AnyAuthMethod) => void): void {
  next(false as unknown as AnyAuthMethod)
}

function methodFor({ key, signer }: KeyOffer, { user: username, progress, giveUp }: Login): AnyAuthMethod {
  if (signer === 'itself') return { type: 'publickey', username, key }
  if ('unlock' in signer) {
    const agent = new OneKeyAgent(key, () => giveUp(new Locked(signer.unlock)))
    return { type: 'agent', username, agent }
  }
  const sign: Sign = (data, options, done) =>
    signer.agent.sign({ ...signer, data, options: hashOf(key, options) }, (error, signature) => {
      if (error) progress.tried.push('but the agent did not sign')
      done(error, signature)
    })
  return { type: 'agent', username, agent: new OneKeyAgent(key, sign) }
}

type Sign = (data: Buffer, options: SigningRequestOptions, done: SignCallback) => void

/** An agent that shows one key: ssh2 would try all that a real one holds. */
class OneKeyAgent extends ssh2.BaseAgent<ParsedKey> {
  constructor(
    private readonly key: ParsedKey,
    private readonly signBy: Sign,
  ) {
    super()
  }

  getIdentities(done: IdentityCallback<ParsedKey>): void {
    done(undefined, [this.key])
  }

  sign(
    _key: ParsedKey,
    data: Buffer,
    options: SigningRequestOptions | SignCallback,
    done?: SignCallback,
  ): void {
    if (typeof options === 'object' && done !== undefined) this.signBy(data, options, done)
  }
}

/** Answers one question that is asked without echo; anything else (a code, a new password) is not ours to answer. */
function prompter(password: string, { giveUp }: Login) {
  let answered = false
  return (
    _name: string,
    _instructions: string,
    _language: string,
    prompts: Prompt[],
    answer: (answers: string[]) => void,
  ): void => {
    const [prompt] = prompts
    if (answered || prompts.length > 1 || prompt === undefined || prompt.echo === true) {
      const questions = prompts.map((asked) => JSON.stringify(asked.prompt)).join(', ')
      giveUp(
        new YurtSshError('SSH_AUTH', `it asks ${questions}, and there is only a password to answer with`, {
          hint: 'a second factor is not supported; a key that needs none is',
        }),
      )
      return
    }
    answered = true
    answer([password])
  }
}
