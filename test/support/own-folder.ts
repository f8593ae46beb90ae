import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { memoryFolder, ownFolder } from './scratch.js'

/** What tests make goes into folders of this run's own, and with them at its end. */
export default function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), ownFolder))
  // some tests run programs as another user
  chmodSync(folder, 0o711)
  process.env.TMPDIR = folder
  return () => {
    for (const one of [folder, memoryFolder()]) rmSync(one, { recursive: true, force: true })
  }
}
