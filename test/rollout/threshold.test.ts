import { expect, it } from 'vitest'
import { type Stop, stopOf } from '../../src/rollout/threshold.js'
import { cases } from './cases.js'

interface Case {
  name: string
  allowed?: number
  failFast?: boolean
  waves?: boolean
  leftOut?: number
  failed?: number
  stop: Stop
}

it.each(cases<Case>('stops'))('$name', ({ allowed, failFast = false, waves = false, ...row }) => {
  const limits = { ...(allowed === undefined ? {} : { allowed }), failFast, waves }
  expect(stopOf(limits, { leftOut: row.leftOut ?? 0, failed: row.failed ?? 0 })).toBe(row.stop)
})
