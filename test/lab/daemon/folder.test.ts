import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { prepareFolder, runningLab } from '../../../src/lab/daemon/folder.js'
import { scratch } from '../host/scratch.js'

describe('the folder of a lab', () => {
  it('is made where there is none', () => {
    const dir = join(scratch(), 'a/b')
    prepareFolder(dir)
    expect(readdirSync(dir)).toEqual([])
  })

  it('is emptied of what a lab before left', () => {
    const dir = scratch({ '/hosts/cp-1/etc/x': '', '/kubeconfig': '', '/lab.pid': '1\n' })
    prepareFolder(dir)
    expect(readdirSync(dir)).toEqual([])
  })

  it.each([
    ['with a file of somebody else', scratch({ '/hosts/x': '', '/thesis.txt': '' }), 'thesis.txt'],
    ['too long for a socket', join(scratch(), 'x'.repeat(100)), 'too long'],
  ])('is refused %s, and nothing is removed', (_, dir, words) => {
    const had = existsSync(dir) ? readdirSync(dir) : 'none'
    expect(() => prepareFolder(dir)).toThrow(
      expect.objectContaining({ code: 'LAB_DIR', message: expect.stringContaining(words) }),
    )
    expect(existsSync(dir) ? readdirSync(dir) : 'none').toEqual(had)
  })

  it('takes no other process for a lab', () => {
    expect(runningLab(scratch({ '/lab.pid': `${process.pid}\n` }))).toBeUndefined()
  })
})
