import { randomUUID } from 'node:crypto'
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { render } from '../../templates.js'
import type { HostFile, HostSpec } from '../fleet/types.js'

/** Makes a host's folder: the marker, what a kernel shows of itself, and the files of its spec. Returns its boot id. */
export function makeRoot(root: string, { name, files }: HostSpec): string {
  const bootId = randomUUID()
  const own: HostFile[] = [
    { path: '/.yurt-ssh-lab', mode: '0644', text: render('lab/marker.sh', {}) },
    { path: '/proc/sys/kernel/hostname', mode: '0644', text: `${name}\n` },
    { path: '/proc/sys/kernel/random/boot_id', mode: '0644', text: `${bootId}\n` },
    { path: '/sys/class/net' },
    { path: '/sys/module/dummy' },
    { path: '/run/systemd/system' },
    { path: '/var/lib', mode: '0755' },
    { path: '/var/log/pods', mode: '0755' },
    { path: '/tmp' },
  ]
  for (const file of [...own, ...files]) put(join(root, file.path), file)
  return bootId
}

function put(path: string, { mode = '0755', text, link }: HostFile): void {
  if (link !== undefined) {
    mkdirSync(dirname(path), { recursive: true })
    symlinkSync(link, path)
    return
  }
  mkdirSync(text === undefined ? path : dirname(path), { recursive: true })
  if (text !== undefined) writeFileSync(path, text)
  chmodSync(path, Number.parseInt(mode, 8))
}
