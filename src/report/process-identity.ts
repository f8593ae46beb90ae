import { readFileSync } from 'node:fs'

/** Names a process of this machine beyond its number, which is used again; undefined when there is none. */
export function processIdentity(pid: number): string | undefined {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // field 22 is when it was started; fields count from behind the name, which may hold anything (proc(5))
    const started = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
    return `${boot}/${pid}/${started}`
  } catch {
    return undefined
  }
}
