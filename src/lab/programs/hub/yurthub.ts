import type { ApiRequest, ApiResponse, Program } from '../../types.js'
import { becomeCertified } from './bootstrap.js'
import { openHubCache } from './cache.js'
import { startHeartbeat } from './heartbeat.js'
import type { HubHost } from './host.js'
import { type HubOptions, hubOptions } from './options.js'
import { createProxy } from './proxy.js'
import { hubRules } from './rules.js'
import { createTraffic } from './traffic.js'

/** A stand-in for yurthub v0.6.1 on a host of the lab; it is not OpenYurt. */
export function yurthub(host: HubHost): Program {
  return (context) => {
    const { log } = context
    const dead = new AbortController()
    const stopping = new AbortController()
    const opened: (() => void)[] = []
    const traffic = createTraffic()
    let tidy: () => void = () => undefined
    let serving = false
    let end: (status: number) => void = () => undefined
    const exited = new Promise<number>((resolve) => {
      end = resolve
    })

    function finish(status: number): void {
      dead.abort()
      stopping.abort()
      serving = false
      for (const close of opened) close()
      end(status)
    }

    async function run(options: HubOptions): Promise<void> {
      await becomeCertified(context, host, options, dead.signal)
      const heartbeat = options.edge ? startHeartbeat(context, options, stopping.signal) : undefined
      const cache = openHubCache(host.root + String(options.flags['disk-cache-path']))
      const proxy = createProxy(context, options, { edge: heartbeat && { heartbeat, cache, traffic } })
      tidy = makeNetwork(host, options)
      const [health, plain, secure] = options.ports
      opened.push(host.listen(health, (request) => Promise.resolve(ownAnswer(request))))
      opened.push(host.listen(plain, proxy), host.listen(secure, proxy))
      serving = true
      log('I yurthub serves')
    }

    log('I yurt-ssh lab stand-in for yurthub, not OpenYurt')
    const options = hubOptions(context.args)
    if ('words' in options) {
      log(`F ${options.words}`)
      finish(options.status)
    } else {
      run(options).catch((error: unknown) => {
        if (dead.signal.aborted) return
        log(`F ${error instanceof Error ? error.message : String(error)}`)
        finish((error as { code?: string }).code === 'EADDRINUSE' ? 2 : 255)
      })
    }

    return {
      // the real one cleans up and serves on until it is killed
      terminate() {
        if (stopping.signal.aborted || !serving) finish(143)
        else {
          stopping.abort()
          tidy()
        }
      },
      kill: () => finish(137),
      exited,
      ready: () => serving,
    }

    function ownAnswer({ path }: ApiRequest): ApiResponse {
      if (path === '/v1/healthz') return { status: 200, body: 'OK' }
      if (path === '/metrics') return { status: 200, body: traffic.text() }
      return { status: 404, body: '404 page not found\n' }
    }
  }

  function makeNetwork(of: HubHost, options: HubOptions): () => void {
    if (!options.flags['enable-dummy-if']) return () => undefined
    const name = String(options.flags['dummy-if-name'])
    const rules = options.flags['enable-iptables'] ? hubRules(options) : []
    of.addInterface(name)
    for (const { table, rule } of rules) {
      of.deleteRule(table, rule)
      of.addRule(table, rule)
    }
    return () => {
      for (const { table, rule } of rules) of.deleteRule(table, rule)
      of.deleteInterface(name)
    }
  }
}
