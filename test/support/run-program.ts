import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('../../bin/yurt-ssh.js', import.meta.url))

/** Runs the built program to its end; returns what it printed. */
export async function runProgram(...words: string[]): Promise<string> {
  const child = spawn(process.execPath, [program, ...words])
  let text = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (piece: string) => {
      text += piece
    })
  await new Promise((resolve) => child.on('close', resolve))
  return text
}
