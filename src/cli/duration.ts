import { InvalidArgumentError } from 'commander'

/** Seconds of a duration from 1 s: `90s`, `3m`, `1h30m`, or plain seconds. */
export function seconds(value: string): number {
  const match = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s?)?$/.exec(value)
  const [, hours, minutes, rest] = match ?? []
  const total = Number(hours ?? 0) * 3600 + Number(minutes ?? 0) * 60 + Number(rest ?? 0)
  if (total < 1) throw new InvalidArgumentError('must be a duration such as 90s or 3m')
  return total
}
