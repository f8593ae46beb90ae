import type { Reply } from './calls.js'

/** `date`, on the lab's clock and always in UTC, for formats of the common fields. */
export function date(args: readonly string[], now: number): Reply {
  const format = args.find((word) => word.startsWith('+'))
  const text = new Date(now).toISOString()
  if (format === undefined) return { status: 0, stdout: `${text}\n` }
  const [day = '', time = ''] = text.slice(0, 19).split('T')
  const [year = '', month = '', date = ''] = day.split('-')
  const [hour = '', minute = '', second = ''] = time.split(':')
  const fields: Record<string, string> = {
    s: String(Math.floor(now / 1000)),
    Y: year,
    m: month,
    d: date,
    H: hour,
    M: minute,
    S: second,
    F: day,
    T: time,
    '%': '%',
  }
  const shown = format.slice(1).replace(/%(.)/g, (whole, field: string) => fields[field] ?? whole)
  return { status: 0, stdout: `${shown}\n` }
}
