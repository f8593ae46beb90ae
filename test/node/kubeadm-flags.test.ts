import { describe, expect, it } from 'vitest'
import * as flags from '../../src/node/kubeadm-flags.js'
import type { RedirectState } from '../../src/node/redirect.js'
import { findRelease } from '../../src/releases/release.js'
import { fc, runs } from '../support/properties.js'
import { cases } from './cases.js'

interface Case {
  before: string
  state: RedirectState
  after?: string
  /** What removing gives; absent where it changes nothing. */
  removed?: string
  error?: string
  message?: string
}

const all = cases<Case>('kubeadm-flags')
const ours = findRelease('v0.6.1').hub.kubeconfig
const redirectState = (text: string | undefined) => flags.redirectState(text, ours)
const addRedirect = (text: string | undefined) => flags.addRedirect(text, ours)
const removeRedirect = (text: string) => flags.removeRedirect(text, ours)

describe('kubeadm-flags.env', () => {
  it.each(all)('$name: $state', ({ before, state }) => expect(redirectState(before)).toBe(state))

  it.each(all.filter(({ error }) => error === undefined))('$name: added', ({ before, after }) => {
    const redirected = addRedirect(before)
    expect(redirected).toBe(after ?? before)
    expect(redirectState(redirected)).toBe('ours')
    expect(addRedirect(redirected)).toBe(redirected)
  })

  it.each(all.filter(({ error }) => error !== undefined))('$name: refused', ({ before, error, message }) => {
    expect(() => addRedirect(before)).toThrow(
      expect.objectContaining({
        code: error,
        message: expect.stringContaining(message ?? ''),
        hint: expect.any(String),
      }),
    )
  })

  it.each(all)('$name: removed', ({ before, removed }) =>
    expect(removeRedirect(before)).toBe(removed ?? before),
  )

  it.each(all.filter(({ state, after }) => state === 'none' && after !== undefined))(
    '$name: there and back',
    ({ before }) => {
      expect(removeRedirect(addRedirect(before))).toBe(before)
    },
  )

  it('makes a file of one line where there is none', () => {
    expect(redirectState(undefined)).toBe('none')
    expect(addRedirect(undefined)).toBe(
      'KUBELET_KUBEADM_ARGS=" --kubeconfig=/var/lib/openyurt/kubelet.conf --bootstrap-kubeconfig="\n',
    )
    expect(removeRedirect(addRedirect(undefined))).toBe('')
  })

  it('refuses a comment that systemd versions end differently', () => {
    const text = '# a \\\nKUBELET_KUBEADM_ARGS=""\n'
    expect(() => redirectState(text)).toThrow(expect.objectContaining({ code: 'NODE_FLAGS_SYNTAX' }))
  })
})

const piece = fc.constantFrom(
  'KUBELET_KUBEADM_ARGS=',
  'X=',
  '"',
  "'",
  '\\',
  '#',
  ' ',
  '\t',
  '\n',
  '\r\n',
  '--v=2',
  '-a',
  '\\\n',
  '$',
)
const quoted = fc.constantFrom(['"', '"'], ["'", "'"], ['', ''])
const tame = fc
  .tuple(
    fc.constantFrom('', '# kubeadm\n', 'X=1\r\n'),
    quoted,
    fc.array(fc.constantFrom(' ', '--v=2', '--a b')),
    fc.constantFrom('', '\n', '\nX=1'),
  )
  .map(
    ([head, [open, close], words, tail]) =>
      `${head}KUBELET_KUBEADM_ARGS=${open}${words.join(' ')}${close}${tail}`,
  )
const wild = fc.array(piece, { maxLength: 16 }).map((pieces) => pieces.join(''))

/** Undefined where the text is refused, which is always an answer but never a wrong edit. */
function redirected(text: string): string | undefined {
  try {
    return redirectState(text) === 'none' ? addRedirect(text) : undefined
  } catch (error) {
    expect(error).toMatchObject({ code: 'NODE_FLAGS_SYNTAX' })
    return undefined
  }
}

describe('for any flags file', () => {
  it('removing undoes adding byte for byte, and adding twice is adding once', () => {
    fc.assert(
      fc.property(fc.oneof(tame, wild), (text) => {
        const added = redirected(text)
        if (added === undefined) return
        expect(redirectState(added)).toBe('ours')
        expect(addRedirect(added)).toBe(added)
        expect(removeRedirect(added)).toBe(text)
      }),
      { numRuns: runs(1500) },
    )
  })

  it('an ordinary one is never refused', () => {
    fc.assert(fc.property(tame, (text) => redirected(text) !== undefined))
  })
})
