import type { Reply } from './calls.js'

/** systemd's journal of a host, in memory. */
export interface Journal {
  write(unit: string, line: string): void
  journalctl(args: readonly string[]): Reply
}

const kept = 2000

export function createJournal(): Journal {
  let entries: { unit: string; line: string }[] = []
  return {
    write(unit, line) {
      entries.push({ unit, line })
      if (entries.length > 2 * kept) entries = entries.slice(-kept)
    },
    journalctl(args) {
      const value = (flag: string): string | undefined => {
        const at = args.indexOf(flag)
        return at < 0 ? undefined : args[at + 1]
      }
      const unit = value('-u')?.replace(/\.service$/, '')
      const lines = entries
        .filter((entry) => unit === undefined || entry.unit === unit)
        .map(({ line }) => `${line}\n`)
      return { status: 0, stdout: lines.slice(-Number(value('-n') ?? lines.length)).join('') }
    },
  }
}
