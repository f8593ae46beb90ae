/** A transaction's output as it stands in `runs/<id>/out`: event lines of ours, and whatever commands printed. */
export interface TransactionOutput {
  /** Index of the step that began last; -1 before the first. */
  step: number
  /** Seconds that each finished step took, by index, on the host's clock. */
  seconds: number[]
  failure?: string
  committed: boolean
  /** Notes meant for the operator. */
  notes: string[]
  /** The node's own words: log tails after a failure, and output of commands that failed. */
  words: string[]
  result?: string
}

/** Reads output line by line; `onStep` is called as each step begins, `onLine` with every line and its index. */
export function createOutputReader(
  onStep: (index: number) => void = () => {},
  onLine: (line: string, index: number) => void = () => {},
): {
  add: (text: string) => void
  output: TransactionOutput
} {
  const output: TransactionOutput = { step: -1, seconds: [], committed: false, notes: [], words: [] }
  let rest = ''
  let began = 0
  let count = 0
  const event = (time: number, word: string, text: string): void => {
    if (word === 'step') {
      const [index = '', edge = ''] = text.split(' ')
      if (edge === 'begin') {
        output.step = Number(index)
        began = time
        onStep(output.step)
      } else output.seconds[Number(index)] = time - began
    } else if (word === 'fail') {
      if (output.failure === undefined) output.failure = text
      else output.words.push(text)
    } else if (word === 'committed') output.committed = true
    else if (word === 'note' || word === 'undo') output.notes.push(word === 'note' ? text : `undo ${text}`)
    else if (word === 'words' && text !== 'end') output.words.push(`--- ${text.replace(/^of /, '')}:`)
    else if (word === 'result') output.result = text
  }
  return {
    output,
    add(text) {
      const lines = (rest + text).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) {
        onLine(line, count++)
        const match = /^@ (\d+) (\S+) ?(.*)$/.exec(line)
        if (match) event(Number(match[1]), match[2] ?? '', match[3] ?? '')
        else if (line !== '') output.words.push(line)
      }
    },
  }
}
