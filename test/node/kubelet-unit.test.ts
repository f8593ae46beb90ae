import { describe, expect, it } from 'vitest'
import { lastFlag, readKubeletUnit } from '../../src/node/kubelet-unit.js'
import type { KubeletFacts } from '../../src/node/types.js'
import { findRelease } from '../../src/releases/release.js'
import { cases } from './cases.js'

interface Case {
  facts: KubeletFacts
  problems: string[]
  flagsFile?: string
  place?: string
  message?: string
}

describe('kubelet unit', () => {
  it.each(cases<Case>('kubelet-unit'))('$name', ({ facts, problems, flagsFile, place, message }) => {
    const unit = readKubeletUnit(facts, findRelease('v0.6.1').hub.kubeconfig)
    expect(unit.problems.map(({ code }) => code)).toEqual(problems)
    expect(unit.flagsFile).toBe(flagsFile)
    if (place) expect(unit.place).toBe(place)
    if (message) expect(unit.problems[0]?.message).toContain(message)
    for (const { hint } of unit.problems) expect(hint).not.toBe('')
  })
})

describe('lastFlag', () => {
  it.each([
    [['--a=1', '--a=2'], '2'],
    [['--a', '1', '--b'], '1'],
    [['--a=1', '--a', '2'], '2'],
    [['--a=1', '--a='], ''],
    [['--a', ''], ''],
    [['--a'], ''],
    [['--a', '--b'], ''],
    [['--a=b=c'], 'b=c'],
    [['--a', '-b'], '-b'],
    [['--ab=1', '-a=1', 'a=1', '--b=--a=1'], undefined],
    [[], undefined],
  ])('%j', (words, value) => expect(lastFlag(words, 'a')).toBe(value))

  it('takes underscores for dashes', () => {
    expect(lastFlag(['--pod_manifest_path=/x'], 'pod-manifest-path')).toBe('/x')
  })
})
