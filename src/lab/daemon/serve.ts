import { rmSync, writeFileSync } from 'node:fs'
import { type LabOptions, startLab } from '../lab.js'
import { serveControl } from './control.js'
import { pidFile, socketFile } from './folder.js'

/** Runs a lab in this process until SIGTERM. Its socket is there once it is up. */
export async function serveLab(options: LabOptions): Promise<void> {
  const { dir } = options
  writeFileSync(pidFile(dir), `${process.pid}\n`)
  const told = new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve())
  })
  const lab = await startLab(options)
  const control = await serveControl(lab)
  await told
  control.close()
  await lab.close()
  for (const file of [socketFile(dir), pidFile(dir)]) rmSync(file, { force: true })
}
