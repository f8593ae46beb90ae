/** What a script of ours does, as far as a replay host must know. */
export type ScriptKind = 'facts' | 'launch' | 'follow' | 'forget'

export interface KnownScript {
  kind: ScriptKind
  /** Of a launch. */
  transaction?: { id: string; verb: 'convert' | 'revert' }
}

/** Lines that only one script has; `launch` first, for it carries other scripts. */
const marks: readonly [ScriptKind, string][] = [
  ['launch', '> "$T/apply" && printf %s'],
  ['follow', 'done 4< "$T/out"'],
  ['forget', 'rm -rf "${S:?}"'],
  ['facts', '\nread_files() {'],
]

/** Recognises a script inside its frame; undefined for one that it does not know. */
export function recogniseScript(text: string): KnownScript | undefined {
  const kind = marks.find(([, mark]) => text.includes(mark))?.[0]
  if (kind !== 'launch') return kind === undefined ? undefined : { kind }
  const [, id, verb] = /journal "begin (\S+) (convert|revert)"/.exec(text) ?? []
  if (id === undefined) return undefined
  return { kind, transaction: { id, verb: verb as 'convert' | 'revert' } }
}

/** A framed script as it came over the wire: see src/ssh/framing.ts. */
export interface FramedScript {
  begin: string
  end: string
  text: string
}

/** Cuts framed scripts out of what a client writes to a shell; pieces end anywhere. */
export function createFrameReader(onScript: (script: FramedScript) => void): (piece: string) => void {
  let pieces = ''
  return (piece) => {
    pieces += piece
    for (;;) {
      const [head, begin = '', nonce = ''] = /^\s*\{ echo ((\S+)-begin);/.exec(pieces) ?? []
      if (head === undefined) return
      const tail = `echo ${nonce}-end >&2; }\n`
      const at = pieces.indexOf(tail)
      if (at === -1) return
      onScript({ begin, end: `${nonce}-end`, text: pieces.slice(head.length, at) })
      pieces = pieces.slice(at + tail.length)
    }
  }
}
