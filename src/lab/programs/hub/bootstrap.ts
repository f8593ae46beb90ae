import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { subjectOf } from '../../pki.js'
import type { ProgramContext } from '../../types.js'
import { hubAgent, issuedCertificate, requestCertificate } from './certificate.js'
import type { HubHost } from './host.js'
import type { HubOptions } from './options.js'
import { openRootDir, type RootDir } from './root-dir.js'

/** Milliseconds of the lab. */
const restartTime = 5000
const giveUp = 240_000

/** Returns once the hub has its certificates: at once those on disk, else new ones. @throws Error after four minutes */
export async function becomeCertified(
  context: ProgramContext,
  host: HubHost,
  options: HubOptions,
  signal: AbortSignal,
): Promise<void> {
  const { clock, log } = context
  const named = String(options.flags['root-dir'])
  const folder = openRootDir(host.root + named, named)
  const server = options.servers[0] ?? ''
  if (folder.wipeUnlessFor(server))
    log(`I bootstrap-hub.conf is missing or for another server: ${named} is emptied`)
  try {
    await ensureAuthority(context, folder)
  } catch (error) {
    // one failed read is not repeated: the real hub then sits until it gives up
    log(`E ${error instanceof Error ? error.message : String(error)}`)
    await clock.sleep(giveUp, signal)
    throw error
  }
  if (!folder.hasBootstrap()) folder.writeBootstrap(server, String(options.flags['join-token']))
  if (folder.certificate('yurthub') !== undefined && folder.certificate('yurthub-server') !== undefined) {
    await clock.sleep(restartTime, signal)
    return
  }
  const end = clock.now() + giveUp
  await clock.sleep((host.firstStart * 3) / 4, signal)
  const user = whoAsks(folder, host, options)
  const names = {
    commonName: `system:node:${options.node}`,
    organizations: ['openyurt:yurthub', 'system:nodes'],
  }
  for (const [kind, use] of [
    ['yurthub', 'client auth'],
    ['yurthub-server', 'server auth'],
  ] as const) {
    const usages = ['digital signature', 'key encipherment', use]
    const name = host.neverCertified()
      ? undefined
      : await requestCertificate(context, { ...names, usages, user })
    for (let issued: string | undefined; issued === undefined; ) {
      if (clock.now() > end) throw new Error('no certificate within 4 minutes')
      await clock.sleep(host.firstStart / 8, signal)
      issued =
        name === undefined ? undefined : await issuedCertificate(context, name, user).catch(() => undefined)
      if (issued === undefined) log('I certificate request is waiting to be signed')
      else folder.setCertificate(kind, issued, clock.now())
    }
    folder.writeConfig(server)
  }
}

/** The join token's user where there is one, else the kubelet. @throws Error */
function whoAsks(folder: RootDir, host: HubHost, options: HubOptions): string {
  const token = folder.bootstrapToken()
  if (token !== undefined && token !== '') return `system:bootstrap:${token.split('.')[0]}`
  const pem = join(host.root, String(options.flags['kubelet-client-certificate']))
  const subject = existsSync(pem) ? subjectOf(readFileSync(pem, 'utf8')) : undefined
  if (subject === undefined) throw new Error('no join token, and no certificate of a kubelet')
  return subject.commonName
}

/** The cluster's CA from kube-public/cluster-info, read as nobody; the one on disk stays while it cannot be asked. */
async function ensureAuthority(context: ProgramContext, folder: RootDir): Promise<void> {
  const had = folder.authority
  const published = await publishedAuthority(context).catch((error: unknown) => {
    if (had !== undefined) return had
    throw error
  })
  if (had === published) return
  if (had !== undefined) folder.wipe()
  folder.setAuthority(published)
}

async function publishedAuthority({ send }: ProgramContext): Promise<string> {
  const { status, body } = await send({
    method: 'GET',
    path: '/api/v1/namespaces/kube-public/configmaps/cluster-info',
    headers: { 'user-agent': hubAgent, accept: 'application/json' },
    user: 'system:anonymous',
  })
  if (status !== 200) throw new Error(`cluster-info: status ${status}`)
  const { data } = JSON.parse(body) as { data?: { kubeconfig?: string } }
  const config = parse(data?.kubeconfig ?? '') as { clusters: { cluster: Record<string, string> }[] }
  return Buffer.from(config.clusters[0]?.cluster['certificate-authority-data'] ?? '', 'base64').toString(
    'utf8',
  )
}
