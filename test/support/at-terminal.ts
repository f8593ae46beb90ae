import { spawn } from 'node:child_process'

/** Runs a program on a terminal of its own; each answer is typed where its question ends what was printed. */
export async function atTerminal(
  words: readonly string[],
  options: { cwd: string; env: NodeJS.ProcessEnv },
  answers: readonly (readonly [question: RegExp, answer: string])[],
): Promise<{ status: number; text: string }> {
  const command = words.map((word) => `'${word}'`).join(' ')
  const child = spawn('script', ['-qec', command, '/dev/null'], options)
  let text = ''
  let answered = 0
  child.stdout.setEncoding('utf8').on('data', (piece: string) => {
    text += piece
    const asked = answers.find(([question]) => question.test(text.slice(answered)))
    if (asked === undefined) return
    answered = text.length
    child.stdin.write(`${asked[1]}\r`)
  })
  const status = await new Promise<number>((resolve) => child.on('close', resolve))
  return { status, text }
}
