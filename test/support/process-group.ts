import { readdirSync, readFileSync } from 'node:fs'

/** Processes of a group that run; those that have ended and that nobody has waited for do not count. */
export function runningIn(group: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        // After the name in brackets: state, parent, group.
        const [state, , leader] = readFileSync(`/proc/${name}/stat`, 'utf8')
          .replace(/^.*\) /s, '')
          .split(' ')
        return state !== 'Z' && Number(leader) === group ? [Number(name)] : []
      } catch {
        return []
      }
    })
}
