import { YurtSshError } from '../errors.js'

/** A number of things, or a part of all of them. */
export type Amount = { kind: 'count'; count: number } | { kind: 'percent'; percent: number }

/** How fast a run goes, and when it stops by itself. */
export interface Pace {
  /** Sizes of the waves of a phase, the last one repeats; empty means all at once. */
  serial: readonly Amount[]
  /** What `--serial` counts instead of hosts: groups at this depth, or of this name. */
  serialBy?: string
  /** The most hosts of one group that are worked at a time. */
  maxUnavailable?: Amount
  /** Seconds between two waves. */
  pauseSeconds: number
  /** Ask before every wave but the first. */
  confirmWaves: boolean
  /** Hosts that may fail, or not be reached, before the run stops; absent where the operator does not say. */
  maxFail?: Amount
  /** Stop at the first host that fails, whatever `maxFail` says. */
  failFast: boolean
}

/** All at once. */
export const defaultPace: Pace = {
  serial: [],
  pauseSeconds: 0,
  confirmWaves: false,
  failFast: false,
}

/** Whether the operator asked for waves. */
export function asksForWaves({ serial, serialBy }: Pace): boolean {
  return serial.length > 0 || serialBy !== undefined
}

/** `3` or `10%`; `flag` is what the operator gave it to. @throws YurtSshError USAGE_AMOUNT */
export function parseAmount(text: string, flag: string, least = 1): Amount {
  const match = /^(\d{1,6}(?:\.\d{1,3})?)(%?)$/.exec(text.trim())
  const value = Number(match?.[1])
  const percent = match?.[2] === '%'
  if (
    match === null ||
    (percent ? value > 100 || (value === 0 && least > 0) : value < least || !Number.isInteger(value))
  ) {
    throw new YurtSshError('USAGE_AMOUNT', `${flag}: "${text}" is no amount`, {
      hint: `write a whole number from ${least}, or a percentage such as 10%`,
    })
  }
  return percent ? { kind: 'percent', percent: value } : { kind: 'count', count: value }
}

/** Sizes of waves such as `1,10%,100%`. @throws YurtSshError USAGE_AMOUNT */
export function parseSerial(text: string): Amount[] {
  return text.split(',').map((part) => parseAmount(part, '--serial'))
}

/** How many of `total` an amount is; a percentage is rounded down, but never below `least`. */
export function amountOf(amount: Amount, total: number, least = 1): number {
  if (amount.kind === 'count') return amount.count
  // 0.57 % of 10,000 is 57, and 56.99999999999999 in floating point
  return Math.max(least, Math.floor((total * amount.percent) / 100 + 1e-9))
}

export function amountText(amount: Amount): string {
  return amount.kind === 'count' ? String(amount.count) : `${amount.percent}%`
}
