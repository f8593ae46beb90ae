import path from 'node:path'
import { allNodes, labDirectory, root, speed } from './lab.js'
import { output } from './process.js'

function labCommand(...words: string[]): Promise<string> {
  return output(process.execPath, [path.join(root, 'bin/yurt-ssh.js'), 'lab', ...words])
}

export async function startEmbeddedLab(): Promise<void> {
  await labCommand('up', '--dir', labDirectory, '--hosts', String(allNodes.length), '--speed', String(speed))
}

export async function stopEmbeddedLab(): Promise<void> {
  await labCommand('down', '--dir', labDirectory)
}

/** Makes a host sick, or with `--clear` well again. */
export async function embeddedFault(host: string, kind: string, ...flags: '--clear'[]): Promise<void> {
  await labCommand('fault', '--dir', labDirectory, host, kind, ...flags)
}
