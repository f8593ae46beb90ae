import { shellQuote } from '../templates.js'

/**
 * A script as one command line for a shell that reads its stdin: markers on both streams around it, and its exit status
 * in the end marker. The script is one quoted word and the line one compound command, so that a shell which got only part
 * of it reports a syntax error and runs nothing. Quoted, not wrapped in a function: there a syntax error would end the
 * shell itself, here it is status 2 with the shell's words. `merged` is for a terminal, which has one stream for both:
 * there what the script wrote to stderr follows its end, in a section of its own.
 */
export function frame(script: string, nonce: string, merged = false): string {
  const { begin, end } = markers(nonce)
  if (merged) return mergedFrame(script, nonce)
  return `{ echo ${begin}; echo ${begin} >&2; ( eval ${shellQuote(script)} ) </dev/null; echo ${end} $?; echo ${end} >&2; }\n`
}

function mergedFrame(script: string, nonce: string): string {
  const out = markers(nonce)
  const err = markers(errorNonce(nonce))
  const run = `( eval ${shellQuote(script)} ) </dev/null 2>&1 >&3 3>&-; echo x$?`
  return `{ echo ${out.begin}; { yurt_ssh_err=$( ${run} ); } 3>&1; echo ${out.end} "\${yurt_ssh_err##*x}"; echo ${err.begin}; printf %s "\${yurt_ssh_err%x*}"; echo ${err.end}; }\n`
}

/** The nonce of stderr's section in a merged stream. */
export function errorNonce(nonce: string): string {
  return `${nonce}-err`
}

function markers(nonce: string): { begin: string; end: string } {
  return { begin: `${nonce}-begin`, end: `${nonce}-end` }
}

/** One stream's share of a framed script. */
export interface Section {
  /** Takes the next piece of the stream; pieces end anywhere. */
  push(piece: string): void
  /** What the script wrote so far. */
  text(): string
  /** What came before the begin marker, its last 4 KB: banners, or why no shell started. */
  noise(): string
  /** What follows the end marker on its line; undefined before it is complete. */
  end(): string | undefined
}

/** How much is kept of what came outside of scripts. */
export const noiseLength = 4096

/** Cuts a script's own output out of a stream; `onText` gets it as soon as it cannot be part of the end marker. */
export function createSection(nonce: string, onText: (text: string) => void = () => undefined): Section {
  const { begin, end } = markers(nonce)
  const parts: string[] = []
  let stage: 'before' | 'inside' | 'after' = 'before'
  let noise = ''
  let rest = ''

  function take(text: string): void {
    if (text === '') return
    parts.push(text)
    onText(text)
  }

  function push(piece: string): void {
    rest += piece
    if (stage === 'before') {
      const at = rest.indexOf(`${begin}\n`)
      noise = rest.slice(0, at === -1 ? undefined : at).slice(-noiseLength)
      rest = at === -1 ? rest.slice(-noiseLength) : rest.slice(at + begin.length + 1)
      if (at !== -1) stage = 'inside'
    }
    if (stage === 'inside') {
      const at = rest.indexOf(end)
      const length = at === -1 ? rest.length - overlap(rest, end) : at
      take(rest.slice(0, length))
      rest = rest.slice(at === -1 ? length : at + end.length)
      if (at !== -1) stage = 'after'
    }
  }

  return {
    push,
    text: () => parts.join(''),
    noise: () => noise,
    end: () => (stage === 'after' && rest.includes('\n') ? rest.slice(0, rest.indexOf('\n')) : undefined),
  }
}

/** How many characters at the end of `text` may be the start of `marker`. */
function overlap(text: string, marker: string): number {
  for (let length = Math.min(text.length, marker.length - 1); length > 0; length--) {
    if (text.endsWith(marker.slice(0, length))) return length
  }
  return 0
}
