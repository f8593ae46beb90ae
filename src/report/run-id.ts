import { randomBytes } from 'node:crypto'

/** An id for a run that was called now: sorts by time, and is a label value and a file name. */
export function newRunId(): string {
  const stamp = new Date().toISOString().replace(/[-:]/g, '').slice(0, 15).toLowerCase()
  return `${stamp}-${randomBytes(2).toString('hex')}`
}

/** RFC 3339 time at which the run of this id was called; undefined where the id holds none. */
export function calledAt(id: string): string | undefined {
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)t(\d\d)(\d\d)(\d\d)-/.exec(id) ?? []
  return year === undefined ? undefined : `${year}-${month}-${day}T${hour}:${minute}:${second}Z`
}
