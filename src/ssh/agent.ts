import { resolve } from 'node:path'
import ssh2, { type ParsedKey, type SignCallback, type SigningRequestOptions } from 'ssh2'

/** Some agents ask their user first. */
const answerSeconds = 10

/** The SSH agent of a run. */
export interface Agent {
  /** The keys that it holds; undefined when it does not answer, for which it is waited once. */
  keys(): Promise<ParsedKey[] | undefined>
  /** `done` gets an error when it has not signed within so many seconds. */
  sign(request: SignRequest, done: SignCallback): void
}

export interface SignRequest {
  key: ParsedKey
  data: Buffer
  options: SigningRequestOptions
  seconds: number
}

/** The agent at a socket. Every connection to it is closed in time: one that is left open would keep the process alive. */
export function createAgent(socket: string): Agent {
  let isSilent = false

  /** A path with a folder in it: Node takes digits alone for a port. */
  const within = (seconds: number) => new PatientAgent(resolve(socket), seconds)

  return {
    async keys() {
      if (isSilent) return undefined
      const keys = await new Promise<ParsedKey[] | undefined>((answer) =>
        within(answerSeconds).getIdentities((error, held = []) =>
          answer(error ? undefined : held.flatMap((key) => ('isPrivateKey' in key ? [key] : []))),
        ),
      )
      isSilent = keys === undefined
      return keys
    },
    sign: ({ key, data, options, seconds }, done) => within(seconds).sign(key, data, options, done),
  }
}

type StreamCallback = Parameters<InstanceType<typeof ssh2.OpenSSHAgent>['getStream']>[0]

class PatientAgent extends ssh2.OpenSSHAgent {
  constructor(
    socket: string,
    private readonly seconds: number,
  ) {
    super(socket)
  }

  override getStream(done: StreamCallback): void {
    super.getStream((error, stream) => {
      if (stream) {
        const timer = setTimeout(() => stream.destroy(), this.seconds * 1000)
        stream.once('close', () => clearTimeout(timer))
      }
      done(error, stream)
    })
  }
}
