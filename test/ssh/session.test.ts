import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Host } from '../../src/inventory/types.js'
import { createPool, type Pool } from '../../src/ssh/pool.js'
import { describeWith, hostWith, type Sshd, settingsFor, startSshd } from '../support/sshd.js'
import { type Link, startLink } from './link.js'

const quick = { timeoutSeconds: 20 }

describeWith(['sshd', 'keygen', 'root'], 'a session with a real sshd', () => {
  let sshd: Sshd
  let host: Host
  let pool: Pool
  beforeAll(async () => {
    sshd = await startSshd()
    host = hostWith(settingsFor(sshd))
    pool = createPool()
  })
  afterAll(async () => {
    pool.close()
    await sshd.stop()
  })

  it('runs scripts one after another over one connection', async () => {
    const before = sshd.connections()
    const session = await pool.session(host)
    const counted = Array.from({ length: 5 }, (_, n) =>
      session.run(`echo ${n}; echo err ${n} >&2; exit ${n}`, quick),
    )
    const results = await Promise.all(counted)
    expect(results).toEqual(
      [0, 1, 2, 3, 4].map((n) => ({ status: n, stdout: `${n}\n`, stderr: `err ${n}\n` })),
    )
    expect(await pool.session(host)).toBe(session)
    await expect.poll(() => sshd.connections()).toBe(before + 1)
  })

  it('carries heredocs, quotes and UTF-8 unchanged', async () => {
    const text = `it's "quoted" \\ $HOME \`id\` größe 漢字 🚀\n`.repeat(2000)
    const script = `cat <<'END'\n${text}END\n`
    const pieces: string[] = []
    const result = await (await pool.session(host)).run(script, {
      ...quick,
      onStdout: (piece) => pieces.push(piece),
    })
    expect(result).toEqual({ status: 0, stdout: text, stderr: '' })
    expect(pieces.join('')).toBe(text)
  })

  it.each([
    ['stdout', '', ['stdout', 'stderr']],
    ['stderr', ' >&2', ['stderr', 'stdout']],
  ] as const)('carries 5 MB on %s', async (_, redirect, [full, empty]) => {
    const result = await (await pool.session(host)).run(
      `yes 0123456789abcdef | head -c 5242880${redirect}`,
      quick,
    )
    expect(result[full].length).toBe(5242880)
    expect(result[empty]).toBe('')
  })

  it('hands output on while a script runs', async () => {
    const times: number[] = []
    const script = 'echo a; sleep 0.3; echo b'
    await (await pool.session(host)).run(script, { ...quick, onStdout: () => times.push(Date.now()) })
    expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeGreaterThan(200)
  })

  it('survives a syntax error', async () => {
    const session = await pool.session(host)
    const { status, stderr } = await session.run('if then', quick)
    expect(status).not.toBe(0)
    expect(stderr).toMatch(/syntax error/i)
    expect(await session.run('echo fine', quick)).toMatchObject({ status: 0, stdout: 'fine\n' })
  })

  it('closes the session of a script that hangs, and opens another', async () => {
    const session = await pool.session(host)
    await expect(session.run('echo began; sleep 60', { timeoutSeconds: 1 })).rejects.toMatchObject({
      code: 'SSH_TIMEOUT',
      host: 'edge-1',
      detail: 'began',
    })
    await expect(session.run('true', quick)).rejects.toMatchObject({ code: 'SSH_LOST' })
    const again = await pool.session(host)
    expect(again).not.toBe(session)
    expect(await again.run('echo ok', quick)).toMatchObject({ stdout: 'ok\n' })
  })

  it('stops waiting when told to', async () => {
    const session = await pool.session(host)
    const controller = new AbortController()
    const aborted = session.run('sleep 60', { ...quick, signal: controller.signal })
    setTimeout(() => controller.abort(), 100)
    await expect(aborted).rejects.toMatchObject({ code: 'SSH_ABORTED', host: 'edge-1' })
    await expect(pool.session(host, AbortSignal.abort())).rejects.toMatchObject({ code: 'SSH_ABORTED' })
  })

  it('does not take a killed shell for success', async () => {
    const session = await pool.session(host)
    await expect(session.run('echo last words >&2; kill -9 $$; sleep 1', quick)).rejects.toMatchObject({
      code: 'SSH_LOST',
      detail: 'last words',
    })
  })

  it('gives a dropped session up, and everything when closed', async () => {
    const other = createPool()
    const session = await other.session(host)
    other.drop(host.name)
    await expect.poll(() => session.run('true', quick).catch(({ code }) => code)).toBe('SSH_LOST')
    const running = (await other.session(host)).run('sleep 60', quick)
    const opening = other.session(hostWith(host.ssh, 'edge-2'))
    setTimeout(() => other.close(), 100)
    await expect(running).rejects.toMatchObject({ code: 'SSH_LOST' })
    await opening.catch(() => undefined)
    await expect(other.session(host)).rejects.toMatchObject({ code: 'SSH_ABORTED' })
  })

  describe('over a bad link', () => {
    let link: Link
    let remote: Host
    beforeAll(async () => {
      link = await startLink(sshd.port)
      remote = hostWith(settingsFor(sshd, { port: link.port, strictHostKeyChecking: 'off' }), 'far-1')
    })
    afterAll(() => link.close())

    it('calls the outcome of a script unknown, and opens a new session', async () => {
      const session = await pool.session(remote)
      const running = session.run('echo working; sleep 60', { ...quick, onStdout: () => link.cut() })
      await expect(running).rejects.toMatchObject({
        code: 'SSH_LOST',
        host: 'far-1',
        message: expect.stringContaining('outcome is unknown'),
        detail: 'working',
      })
      expect(await (await pool.session(remote)).run('echo back', quick)).toMatchObject({ stdout: 'back\n' })
    })

    it.each([1000, 300_000, 1_000_000])('runs nothing of a script cut off after %i bytes', async (bytes) => {
      const session = await pool.session(remote)
      const folder = join(sshd.folder, `cut-${bytes}`)
      const script = `mkdir ${folder}; touch ${folder}/a\n${'# padding\n'.repeat(150_000)}touch ${folder}/b\n`
      link.cut(bytes)
      await expect(session.run(script, quick)).rejects.toMatchObject({ code: 'SSH_LOST' })
      await new Promise((resolve) => setTimeout(resolve, 300))
      expect(existsSync(folder)).toBe(false)
    })

    it('runs such a script whole over a good link', async () => {
      const folder = join(sshd.folder, 'whole')
      const script = `mkdir ${folder}; touch ${folder}/a\n${'# padding\n'.repeat(150_000)}touch ${folder}/b\n`
      expect(await (await pool.session(remote)).run(script, quick)).toMatchObject({ status: 0 })
      expect(readdirSync(folder)).toEqual(['a', 'b'])
    })
  })

  it('looks past what start-up files and banners print', async () => {
    const home = join(sshd.folder, 'home')
    const noisy = await startSshd({ config: [`SetEnv HOME=${sshd.folder}`, `Banner ${home}-banner`] })
    writeFileSync(join(sshd.folder, '.bashrc'), 'echo noise; echo more noise >&2; printf "no newline"\n')
    writeFileSync(`${home}-banner`, 'Authorised use only\n')
    const other = createPool()
    const result = await (await other.session(hostWith(settingsFor(noisy)))).run('echo $HOME', quick)
    expect(result).toEqual({ status: 0, stdout: `${sshd.folder}\n`, stderr: '' })
    other.close()
    await noisy.stop()
  })
})
