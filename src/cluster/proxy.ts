import { BlockList, isIP } from 'node:net'

type Env = Readonly<Record<string, string | undefined>>

/**
 * The proxy that the environment has for a server, as Go programs such as kubectl read it: HTTPS_PROXY or HTTP_PROXY by the
 * server's scheme, in capitals first, except what NO_PROXY lists and this machine itself.
 */
export function proxyFor(server: string, env: Env): string | undefined {
  const { protocol, hostname, port } = new URL(server)
  const host = hostname.replace(/^\[|\]$/g, '').toLowerCase()
  const scheme = protocol === 'http:' ? 'http' : 'https'
  const proxy = either(env, `${scheme}_proxy`)
  if (proxy === '' || isLocal(host)) return undefined
  const rest = either(env, 'no_proxy').split(',')
  if (rest.some((entry) => covers(entry.trim().toLowerCase(), host, port || ports[scheme]))) return undefined
  return proxy.includes('://') ? proxy : `http://${proxy}`
}

const ports = { http: '80', https: '443' }

/** A variable in capitals, or in small letters where that is not set. */
const either = (env: Env, name: string): string => env[name.toUpperCase()] || env[name] || ''

function isLocal(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
}

/** One entry of NO_PROXY: `*`, an address, a range, a domain with all below it, `.domain` for what is below; `:port` too. */
function covers(entry: string, host: string, port: string): boolean {
  if (entry === '*') return true
  if (entry.includes('/')) return inRange(entry, host)
  const [, name = entry, only] = /^(\[[^\]]*\]|[^:]*):(\d+)$/.exec(entry) ?? []
  if (name === '' || (only !== undefined && only !== port)) return false
  const bare = name.replace(/^\[|\]$/g, '')
  if (isIP(bare) !== 0) return isIP(host) !== 0 && inRange(`${bare}/${isIP(bare) === 4 ? 32 : 128}`, host)
  const domain = name.replace(/^\*(?=\.)/, '')
  return domain.startsWith('.') ? host.endsWith(domain) : host === domain || host.endsWith(`.${domain}`)
}

function inRange(range: string, host: string): boolean {
  const [address = '', bits = ''] = range.split('/')
  const family = isIP(address) === 4 ? 'ipv4' : 'ipv6'
  if (isIP(address) === 0 || isIP(address) !== isIP(host) || !/^\d+$/.test(bits)) return false
  if (Number(bits) > (family === 'ipv4' ? 32 : 128)) return false
  const list = new BlockList()
  list.addSubnet(address, Number(bits), family)
  return list.check(host, family)
}
