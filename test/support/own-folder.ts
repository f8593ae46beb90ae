import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { memoryFolder, ownFolder } from './scratch.js'

let folder: string | undefined

/** What tests make goes into folders of this run's own, and with them at its end. */
export function setup(): void {
  folder = mkdtempSync(join(tmpdir(), ownFolder))
  // some tests run programs as another user
  chmodSync(folder, 0o711)
  process.env.TMPDIR = folder
}

export function teardown(): void {
  if (folder === undefined) return
  for (const one of [memoryFolder(), folder]) rmSync(one, { recursive: true, force: true })
}
