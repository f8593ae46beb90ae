import { spawn } from 'node:child_process'

export interface Finished {
  status: number
  stdout: string
  stderr: string
}

interface RunOptions {
  input?: string
  seconds?: number
}

/** Runs a program to its end, whatever its status; rejects when it cannot be started or outlasts its limit. */
export function run(
  program: string,
  args: readonly string[],
  { input, seconds = 60 }: RunOptions = {},
): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] })
    let stdout = ''
    let stderr = ''
    const limit = setTimeout(() => {
      child.kill('SIGKILL')
      reject(new Error(`${program} ${args.join(' ')}: not done after ${seconds} s\n${stdout}${stderr}`))
    }, seconds * 1000)
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    child.on('error', (error) => {
      clearTimeout(limit)
      reject(error)
    })
    child.on('close', (code) => {
      clearTimeout(limit)
      resolve({ status: code ?? -1, stdout, stderr })
    })
    child.stdin.on('error', () => {})
    child.stdin.end(input ?? '')
  })
}

/** The same, for a program that must succeed: its output. */
export async function output(
  program: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  const { status, stdout, stderr } = await run(program, args, options)
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: exit ${status}\n${stderr}${stdout}`)
  return stdout
}
