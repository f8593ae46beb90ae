import { readFileSync, rmSync, symlinkSync } from 'node:fs'
import { dirname } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { planLifecycleOff, planLifecycleOn } from '../../src/plan/controller-manager.js'
import { planHostConvert } from '../../src/plan/host-convert.js'
import { planHostRevert } from '../../src/plan/host-revert.js'
import { forgetScript } from '../../src/rollout/scripts.js'
import { hostFiles } from '../support/host-files.js'
import type { ShellHost, World } from '../support/shell-host.js'
import { requireTool } from '../support/tools.js'
import {
  conversion,
  edge1,
  factsOf,
  host,
  id,
  impatient,
  kubeconfigInUse,
  leftBehind,
  options,
  release,
  reversion,
  run,
  runFolder,
  script,
  shells,
  withoutTimes,
} from './lab-host.js'

interface Failure {
  name: string
  behave?: World
  meddle?: { path: string; text?: string; link?: string; gone?: boolean }[]
  says: string
  detail?: string
  hint?: string
  touched?: 'nothing'
}

const failures = parse(
  readFileSync(new URL('../cases/rollout/failures.yaml', import.meta.url), 'utf8'),
) as Failure[]

beforeAll(() => {
  for (const tool of ['dash', 'busybox']) requireTool(tool)
})

describe.concurrent.each(shells)('on a host with $name', (kind) => {
  it('a conversion and its revert', { timeout: 60_000 }, async () => {
    const edge = host(kind)
    const before = edge.snapshot()
    const plan = await conversion(kind)
    const steps: number[] = []
    const done = await run(edge, plan, { onStep: (index) => steps.push(index) })
    expect(steps).toEqual(plan.steps.map((_, index) => index))
    expect(done.steps.map(({ reason }) => reason)).toEqual(plan.steps.map(({ reason }) => reason))
    expect(leftBehind(edge)).toEqual([])
    expect(edge.read(`${runFolder}/result`)).toBe('committed\n')
    expect(kubeconfigInUse(edge)).toBe(release.hub.kubeconfig)
    for (const step of plan.steps) {
      if (step.kind !== 'write-file') continue
      expect(edge.read(step.path)).toBe(step.content)
      expect(edge.snapshot()[step.path]).toContain(`file ${step.mode.slice(1)} `)
    }
    expect(addedBy(before, edge)).toEqual([
      '/etc/kubernetes/cache',
      '/etc/kubernetes/manifests/yurt-hub.yaml',
      '/var/lib/openyurt',
      '/var/lib/openyurt/kubelet.conf',
      '/var/lib/yurthub',
      '/var/lib/yurthub/bootstrap-hub.conf',
      '/var/lib/yurthub/pki',
      '/var/lib/yurthub/pki/ca.crt',
    ])

    const converted = await factsOf(edge)
    expect(planHostConvert(edge1, converted, options)).toEqual([])
    expect(converted.state.journals).toMatchObject([
      { id, verb: 'convert', result: 'committed', intact: true },
    ])

    const { notes } = planHostRevert(converted, options)
    expect(notes).toEqual([])
    const back = await reversion(edge)
    await script(edge, forgetScript(id))
    await run(edge, back)
    expect(withoutTimes(edge.snapshot())).toEqual(withoutTimes(before))
    expect(kubeconfigInUse(edge)).toBe('/etc/kubernetes/kubelet.conf')
    expect(planHostRevert(await factsOf(edge), options)).toEqual({ notes: [] })

    await script(edge, forgetScript())
    expect(edge.exists('/var/lib/yurt-ssh')).toBe(false)
    await run(edge, await conversion(kind))
  })

  // A shell's own ways show in a few of them already.
  const tried = failures.filter((_, index) => kind.name === 'dash' || index % 3 === 0)

  it.each(tried)('undoes $name', async ({ behave = {}, meddle = [], says, detail, hint, touched }) => {
    const edge = host(kind)
    const plan = await conversion(kind, 4)
    edge.behave(behave)
    for (const change of meddle) apply(edge, change)
    const before = edge.snapshot()
    const error = await run(edge, plan).catch((reason: unknown) => reason)
    expect(error).toMatchObject({
      code: 'HOST_FAILED',
      host: 'edge-1',
      message: expect.stringContaining(says),
    })
    if (detail !== undefined) expect(error).toMatchObject({ detail: expect.stringContaining(detail) })
    if (hint !== undefined) expect(error).toMatchObject({ hint: expect.stringContaining(hint) })
    expect(edge.snapshot()).toEqual(before)
    expect(leftBehind(edge)).toEqual([])
    expect(edge.read(`${runFolder}/result`)).toBe('undone\n')
    if (touched === 'nothing') expect(edge.read(`${runFolder}/journal`)).toBe(`begin ${id} convert\n`)
    expect(kubeconfigInUse(edge)).toBe('/etc/kubernetes/kubelet.conf')
  })

  it('undoes a revert that cannot be proven', async () => {
    const edge = host(kind)
    await run(edge, await conversion(kind))
    const plan = await reversion(edge, 4)
    await script(edge, forgetScript(id))
    const before = edge.snapshot()
    edge.behave({ kubelet: 'is not ready' })
    await expect(run(edge, plan)).rejects.toMatchObject({ code: 'HOST_FAILED' })
    expect(staticPart(edge.snapshot())).toEqual(staticPart(before))
    expect(kubeconfigInUse(edge)).toBe(release.hub.kubeconfig)
    expect(leftBehind(edge)).toEqual([])
  })

  it('undoes at its deadline', async () => {
    const edge = host(kind)
    const plan = await conversion(kind, 3000)
    edge.behave({ hub: 'never becomes healthy' })
    const before = edge.snapshot()
    await expect(run(edge, { ...plan, deadlineSeconds: 25 })).rejects.toMatchObject({
      code: 'HOST_FAILED',
      message: 'stopped by a signal; put back as it was',
    })
    expect(edge.snapshot()).toEqual(before)
  })

  it('leaves a file that somebody else changed meanwhile, and says so', async () => {
    const edge = host(kind)
    const before = edge.snapshot()
    const plan = await conversion(kind, 600)
    edge.behave({ hub: 'never becomes healthy' })
    const waits = plan.steps.findIndex((step) => step.kind === 'wait-hub')
    const manifest = '/etc/kubernetes/manifests/yurt-hub.yaml'
    const meddle = (index: number): void => {
      if (index !== waits) return
      edge.write(manifest, 'kind: Pod # by somebody else\n')
      process.kill(Number(edge.state('main')), 'SIGTERM')
    }
    await expect(run(edge, plan, { onStep: meddle })).rejects.toMatchObject({
      code: 'HOST_UNDO_FAILED',
    })
    expect(edge.read(manifest)).toBe('kind: Pod # by somebody else\n')
    expect(edge.read(`${runFolder}/out`)).toContain(`${manifest} was changed by somebody else meanwhile`)
    expect(leftBehind(edge)).toHaveLength(4)
    rmSync(edge.root + manifest)
    edge.boot()
    expect(edge.snapshot()).toEqual(before)
    expect(leftBehind(edge)).toEqual([])
  })

  it("switches kube-controller-manager's node lifecycle off and on again", async () => {
    const master = host(kind, hostFiles.controlPlane)
    const before = master.snapshot()
    const off = impatient(planLifecycleOff(await factsOf(master), options.release))
    await run(master, off)
    expect(controllers(master)).toContain('-nodelifecycle')
    expect(leftBehind(master)).toEqual([])
    const facts = await factsOf(master)
    expect(planLifecycleOff(facts, options.release)).toBeUndefined()
    const on = impatient(planLifecycleOn(facts, []))
    await script(master, forgetScript(id.replace('hub', 'controller-manager')))
    await run(master, on)
    expect(withoutTimes(master.snapshot())).toEqual(withoutTimes(before))
    expect(controllers(master)).toBe('--controllers=*,bootstrapsigner,tokencleaner')
  })

  const bind = '--bind-address=127.0.0.1'
  const program = 'kube-controller-manager'
  it.each([
    { name: 'as hyperkube', from: program, to: ['/hyperkube', program] },
    { name: 'as hyperkube named it first', from: program, to: ['/hyperkube', 'controller-manager'] },
    { name: 'by its path', from: program, to: [`/usr/local/bin/${program}`] },
    { name: 'by the end of its command line', from: program, to: ['--log-file=/a', `/usr/bin/${program}`] },
    { name: 'on its address', to: ['--bind-address=192.0.2.7'], at: 'https://192.0.2.7:10257/healthz' },
    { name: 'on every address', to: ['--bind-address=0.0.0.0'] },
    { name: 'on IPv6', to: ['--bind-address=fd00::1'], at: 'https://[fd00::1]:10257/healthz' },
    {
      name: 'on its port',
      to: ['--secure-port=10357', '--bind-address=0.0.0.0'],
      at: 'https://127.0.0.1:10357/healthz',
    },
    { name: 'without TLS', to: ['--secure-port=0', '--port=10252'], at: 'http://127.0.0.1:10252/healthz' },
    { name: 'where it serves no health', to: ['--secure-port=0', '--port=0'], at: 'nowhere' },
    { name: 'where only some may ask', to: ['--authorization-always-allow-paths=/metrics'], status: 403 },
    { name: 'where nobody may ask unknown', to: ['--authorization-always-allow-paths='], status: 401 },
  ])('finds kube-controller-manager $name', async ({ from = bind, to, at, status = 200 }) => {
    const master = host(kind, hostFiles.controlPlane)
    const path = '/etc/kubernetes/manifests/kube-controller-manager.yaml'
    const line = (word: string) => `    - ${word}\n`
    master.write(path, master.read(path).replace(line(from), to.map(line).join('')))
    if (at !== undefined) master.setState('kcm-url', at)
    master.setState('kcm-status', String(status))
    await run(master, impatient(planLifecycleOff(await factsOf(master), options.release), 10))
    expect(controllers(master)).toContain('-nodelifecycle')
  })

  it('does not take a kube-controller-manager that is ill for one that wants to know who asks', async () => {
    const master = host(kind, hostFiles.controlPlane)
    master.setState('kcm-status', '500')
    await expect(
      run(master, impatient(planLifecycleOff(await factsOf(master), options.release), 4)),
    ).rejects.toMatchObject({
      message: expect.stringContaining('https://127.0.0.1:10257/healthz answers 500'),
    })
  })

  it('undoes a kube-controller-manager that does not come back', async () => {
    const master = host(kind, hostFiles.controlPlane)
    const before = master.snapshot()
    const off = impatient(planLifecycleOff(await factsOf(master), options.release), 4)
    master.behave({ kcm: 'does not start' })
    await expect(run(master, off)).rejects.toMatchObject({
      code: 'HOST_FAILED',
      message: expect.stringContaining('no kube-controller-manager has started since the edit'),
    })
    expect(master.snapshot()).toEqual(before)
  })

  it('removes what a hub left in the network, and nothing else', async () => {
    const edge = host(kind)
    const foreign = [
      '*filter',
      ':INPUT ACCEPT [0:0]',
      '-A INPUT -p tcp -m comment --comment "port 10261 of 127.0.0.1" -m tcp --dport 22 -j ACCEPT',
      '-A INPUT -p tcp -m comment --comment "a comment of two lines',
      '*raw" -m tcp --dport 22 -j ACCEPT',
    ]
    const ours = [
      '-A INPUT -d 169.254.2.1/32 -p tcp -m comment --comment "for container access hub agent" -m tcp --dport 10261 -j ACCEPT',
      '-A OUTPUT -s 127.0.0.1/32 -p tcp -m tcp --sport 10268 -j ACCEPT',
    ]
    edge.setState('iptables-filter', [...foreign, ...ours, 'COMMIT'].join('\n'))
    edge.write('/sys/class/net/yurthub-dummy0/mtu', '1500\n')
    const hubless =
      'begin r-hub convert\nhub remove\nwrite 1 absent aa - - - /etc/kubernetes/manifests/yurt-hub.yaml\ncommit\ndone\n'
    edge.write('/var/lib/yurt-ssh/runs/r-hub/journal', hubless)
    edge.write('/var/lib/yurt-ssh/runs/r-hub/result', 'committed\n')
    const plan = await reversion(edge)
    expect(plan.cleanup.map(({ kind: step }) => step)).toEqual(['clean-network'])
    await run(edge, plan)
    expect(edge.state('iptables-filter').split('\n')).toEqual([...foreign, 'COMMIT'])
    expect(edge.exists('/sys/class/net/yurthub-dummy0')).toBe(false)
  })
})

function apply(edge: ShellHost, { path, text, link, gone }: NonNullable<Failure['meddle']>[number]): void {
  if (gone) rmSync(edge.root + path)
  else if (text !== undefined) edge.write(path, text)
  else if (link !== undefined) {
    edge.write(`${dirname(path)}/.keep`, '')
    symlinkSync(link, edge.root + path)
  }
}

/** Paths that came, without what the hub itself wrote. */
function addedBy(before: Record<string, string>, edge: ShellHost): string[] {
  return Object.keys(edge.snapshot())
    .filter((path) => path.startsWith('/') && !(path in before) && !/cache\/|yurthub-current/.test(path))
    .sort()
}

/** Without the files that a living hub goes on writing. */
function staticPart(snapshot: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(snapshot).filter(([path]) => !/cache\/|yurthub-current/.test(path)),
  )
}

function controllers(master: ShellHost): string {
  const words = master.read(`/proc/${master.state('kcm-pid')}/cmdline`).split('\0')
  return words.find((word) => word.startsWith('--controllers=')) ?? ''
}
