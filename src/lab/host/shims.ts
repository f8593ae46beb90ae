import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { YurtSshError } from '../../errors.js'
import { render } from '../../templates.js'

/** Programs that the lab itself answers for, on every host. */
const called = [
  'systemctl',
  'journalctl',
  'curl',
  'iptables',
  'iptables-save',
  'ip',
  'modprobe',
  'date',
  'df',
  'lab-kill',
]
/** Programs that are small scripts of the lab. */
const scripted = ['sleep', 'sync', 'stat', 'id', 'uname', 'sudo']
/** What the shims themselves are made of. */
const inner = ['mkfifo', 'head', 'sleep', 'stat']

export interface ShimOptions {
  speed: number
  /** As `uname -m` prints it. */
  machine: string
  /** crictl, ctr or docker, as the host has them. */
  imageTools: readonly string[]
}

/**
 * Makes a host's `bin`, its only PATH: shims, and links to those tools of the machine that scripts count on.
 * @throws YurtSshError LAB_TOOLS when the machine lacks one
 */
export function installShims(lab: string, options: ShimOptions): void {
  for (const folder of ['bin', 'real', 'replies']) mkdirSync(join(lab, folder), { recursive: true })
  const context = { speed: options.speed, machine: options.machine }
  const install = (name: string, text: string): void => {
    writeFileSync(join(lab, 'bin', name), text)
    chmodSync(join(lab, 'bin', name), 0o755)
  }
  const asRoot = process.getuid?.() === 0
  for (const name of [...called, ...options.imageTools]) install(name, render('lab/call.sh', {}))
  for (const name of scripted) install(name, render(`lab/${name}.sh`, context))
  if (!asRoot) install('chown', '#!/bin/sh\n')
  for (const name of inner) symlinkSync(machineTool(name), join(lab, 'real', name))
  // the words that become root start with env; who follows a transaction makes a pipe
  for (const name of ['sh', 'env', 'mkfifo', ...scriptTools()]) {
    const place = join(lab, 'bin', name)
    if (!existsSync(place) && name !== 'kill') symlinkSync(machineTool(name), place)
  }
}

/** The tools that facts.sh asks a host for. */
function scriptTools(): string[] {
  const path = fileURLToPath(new URL('../../../templates/host/facts.sh.hbs', import.meta.url))
  const [, list = ''] = /for tool in ([^;]+);/.exec(readFileSync(path, 'utf8')) ?? []
  return list.split(' ')
}

function machineTool(name: string): string {
  const found = ['/usr/bin', '/bin', '/usr/sbin', '/sbin']
    .map((folder) => join(folder, name))
    .find(existsSync)
  if (found !== undefined) return found
  throw new YurtSshError('LAB_TOOLS', `this machine has no ${name}`, {
    hint: 'the hosts of the lab run real shell scripts with the tools of this machine: install coreutils, grep, sed',
  })
}
