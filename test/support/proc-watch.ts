import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** What a watch over all processes of this machine came to. */
export interface Sightings {
  /** `name, cmdline of sh -c …` for each text that was seen. */
  found: string[]
  /** Every command line that was seen. */
  commands: string[]
}

/** Starts a watch over command lines and environments; what ends it gets texts to look for, by name. */
export async function watchProcesses(): Promise<{
  end(texts: Record<string, string>): Promise<Sightings>
  kill(): void
}> {
  const watcher = fileURLToPath(new URL('process-reader.js', import.meta.url))
  const child = spawn(process.execPath, [watcher], { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const say = async (line: string): Promise<string> => {
    child.stdin.write(`${line}\n`)
    return String((await lines.next()).value)
  }
  await say('start')
  return {
    end: async (texts) => JSON.parse(await say(JSON.stringify(texts))) as Sightings,
    kill: () => void child.kill(),
  }
}
