import type { Reply } from './calls.js'

/** systemd's journal of a host, in memory. */
export interface Journal {
  write(unit: string, line: string): void
  journalctl(args: readonly string[]): Reply
}

const kept = 2000

/** `now` in milliseconds since 1970. */
export function createJournal(now: () => number): Journal {
  let entries: { unit: string; line: string; at: number }[] = []
  return {
    write(unit, line) {
      entries.push({ unit, line, at: now() })
      if (entries.length > 2 * kept) entries = entries.slice(-kept)
    },
    journalctl(args) {
      const value = (flag: string): string | undefined => {
        const at = args.indexOf(flag)
        return at < 0 ? undefined : args[at + 1]
      }
      const unit = value('-u')?.replace(/\.service$/, '')
      const since = Number(value('--since')?.slice(1) ?? 0) * 1000
      const lines = entries
        .filter((entry) => (unit === undefined || entry.unit === unit) && entry.at >= since)
        .map(({ line }) => `${line}\n`)
      return { status: 0, stdout: lines.slice(-Number(value('-n') ?? lines.length)).join('') }
    },
  }
}
