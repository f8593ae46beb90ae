import { describe, expect, it } from 'vitest'
import { hubServerAddr, readKubeconfig, renderOurKubeconfig } from '../../src/node/kubeconfig.js'
import { findRelease } from '../../src/releases/release.js'
import { cases } from './cases.js'

interface Case {
  text: string
  read?: { server: string }
  hub?: string
  hubError?: string
  error?: string
  message?: string
}

const all = cases<Case>('kubeconfig')
const release = findRelease('v0.6.1').hub

describe('kubelet kubeconfig', () => {
  it.each(all.filter(({ read }) => read !== undefined))('$name', ({ text, read, hub, hubError }) => {
    const found = readKubeconfig(text)
    expect(found).toEqual(read)
    if (hub) expect(hubServerAddr(found.server, release)).toBe(hub)
    else
      expect(() => hubServerAddr(found.server, release)).toThrow(
        expect.objectContaining({ code: hubError, hint: expect.any(String) }),
      )
  })

  it.each(all.filter(({ error }) => error !== undefined))('$name', ({ text, error, message }) => {
    expect(() => readKubeconfig(text)).toThrow(
      expect.objectContaining({
        code: error,
        message: expect.stringContaining(message ?? ''),
        hint: expect.any(String),
      }),
    )
  })

  it('ours goes to the hub without credentials', () => {
    expect(readKubeconfig(renderOurKubeconfig(release))).toEqual({
      currentContext: 'default-context',
      server: 'http://127.0.0.1:10261',
    })
  })
})
