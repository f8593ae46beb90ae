/** A process as it runs, and the program in it. */
export interface Launched {
  argv: string[]
  name: string
  args: string[]
}

/** What a container's command comes to: a shell that ends in `exec`, a launcher, hyperkube with its second word. */
export function launched(command: readonly string[]): Launched {
  const [first = '', ...rest] = command
  const name = first.replace(/.*\//, '')
  const [, line] = /^\s*exec\s+(.*)$/s.exec(rest[1] ?? '') ?? []
  if (/^(ba|da)?sh$/.test(name) && rest[0] === '-c' && line !== undefined) {
    const given = rest.slice(3)
    return launched(
      line
        .trim()
        .split(/\s+/)
        .flatMap((word) => (word === '"$@"' ? given : [word])),
    )
  }
  if (name === 'go-runner') return launched(rest.slice(rest.findIndex((word) => !word.startsWith('-'))))
  if (name !== 'hyperkube') return { argv: [...command], name, args: rest }
  const [server = '', ...args] = rest
  return { argv: [...command], name: server.replace(/^controller-manager$/, 'kube-$&'), args }
}
