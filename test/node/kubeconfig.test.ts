import { describe, expect, it } from 'vitest'
import { hubServerAddr, readKubeconfig, renderOurKubeconfig } from '../../src/node/kubeconfig.js'
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

describe('kubelet kubeconfig', () => {
  it.each(all.filter(({ read }) => read !== undefined))('$name', ({ text, read, hub, hubError }) => {
    const found = readKubeconfig(text)
    expect(found).toEqual(read)
    if (hub) expect(hubServerAddr(found.server)).toBe(hub)
    else
      expect(() => hubServerAddr(found.server)).toThrow(
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
    expect(readKubeconfig(renderOurKubeconfig())).toEqual({
      currentContext: 'default-context',
      server: 'http://127.0.0.1:10261',
    })
  })
})
