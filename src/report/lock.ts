import { instant, span } from './page-words.js'

/** The cluster's lock as `status` has it. */
export interface HeldLock {
  /** `<user>@<host>:<pid>/<run>`. */
  holder: string
  /** RFC 3339, by the holder's clock. */
  since: string
  renewed: string
  /** When it ends unless it is renewed. */
  expires: string
}

/**
 * Who holds the lock and since when, then what to think of it. `now` in milliseconds since 1970; `dead` where its client is
 * known to be gone.
 */
export function lockLines(lock: HeldLock, now: number, dead = false): [held: string, outlook: string] {
  return [`locked by ${lock.holder} since ${instant(lock.since)}`, outlookOf(lock, now, dead)]
}

function outlookOf({ expires }: HeldLock, now: number, dead: boolean): string {
  const left = Math.round((Date.parse(expires) - now) / 1000)
  const unlock = '`yurt-ssh unlock` removes the lock'
  if (left < 0)
    return `expired ${span(-left)} ago: that run is dead, or its clock differs from this one; ${unlock}`
  const ends = `expires in ${span(left)} unless it is renewed`
  return dead
    ? `${ends}; that run died on this machine: the next run takes over at once`
    : `${ends}: that run may be at work`
}
