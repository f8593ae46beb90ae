import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'

/** Ends the shells of a lab whose own process was killed: each has its host's folder in its environment. */
export function endLeftovers(dir: string): void {
  const hosts = `YURT_SSH_ROOT=${join(dir, 'hosts')}/`
  for (const name of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const environment = readFileSync(`/proc/${name}/environ`, 'utf8').split('\0')
      // what has no program of its own is no process, or not ours to see
      if (environment.some((entry) => entry.startsWith(hosts)) && readlinkSync(`/proc/${name}/exe`) !== '')
        process.kill(Number(name), 'SIGKILL')
    } catch {
      // it has ended, or is somebody else's
    }
  }
}
