import { isIP, isIPv4, isIPv6 } from 'node:net'
import { knownReleases } from '../releases/release.js'

const dnsLabel = '[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?'
const dnsName = new RegExp(`^${dnsLabel}(?:\\.${dnsLabel})*\\.?$`)

/** Whether it is an IPv4 address, an IPv6 address without brackets, or a DNS name (a last label of digits is no name). */
export function isAddress(text: string): boolean {
  if (isIP(text) !== 0) return true
  return text.length <= 253 && dnsName.test(text) && !/(^|\.)\d+\.?$/.test(text)
}

/** As OpenSSH takes user names since 9.6: none that a shell would read as more than a name. */
export const userName = /^(?!-)(?:(?!['"`;&<>|(){}])[!-~])+(?<!\\)$/

export interface BastionText {
  address: string
  port?: number
  user?: string
}

/** Takes `user@host:port` apart, user and port optional, IPv6 in brackets when a port follows; undefined if it is not one. */
export function parseBastion(text: string): BastionText | undefined {
  const at = text.lastIndexOf('@')
  const user: { user?: string } = at < 0 ? {} : { user: text.slice(0, at) }
  if (user.user !== undefined && !userName.test(user.user)) return undefined
  const target = text.slice(at + 1)
  if (isIPv6(target)) return { address: target, ...user }
  const [, bracketed, plain, digits] = /^(?:\[(.+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(target) ?? []
  const address = bracketed ?? plain ?? ''
  if (bracketed === undefined ? !isAddress(address) : !isIPv6(address)) return undefined
  if (digits === undefined) return { address, ...user }
  return isPort(digits) ? { address, port: Number(digits), ...user } : undefined
}

/** The hops of a list such as `user@a:22,b`, in order; undefined if one of them is none. */
export function parseBastions(text: string): BastionText[] | undefined {
  const hops = text.split(',').map((hop) => parseBastion(hop.trim().replace(/^ssh:\/\//, '')))
  return hops.some((hop) => hop === undefined) ? undefined : hops.filter((hop) => hop !== undefined)
}

/** Where a hub of any release listens on the loopback. */
const hubPorts = knownReleases.flatMap(({ hub }) => Object.values(hub.ports))

/** What is wrong with a server address for the hub (`https://host:port`, several comma separated), if anything. */
export function serverAddrProblem(text: string): string | undefined {
  return text
    .split(',')
    .map(oneServerAddrProblem)
    .find((problem) => problem !== undefined)
}

function oneServerAddrProblem(text: string): string | undefined {
  const [, bracketed, plain, port = ''] = /^https:\/\/(?:\[(.+)\]|([^:/@[\]]+)):(\d{1,5})$/.exec(text) ?? []
  const host = bracketed ?? plain ?? ''
  if (bracketed === undefined ? !isAddress(host) : !isIPv6(host))
    return `must be https://host:port, "${text}" is not`
  if (!isPort(port)) return `must have a port from 1 to 65535, "${text}" has not`
  if (isLoopback(host) && hubPorts.includes(Number(port))) {
    return `must be the API server, "${text}" is the hub itself`
  }
  return undefined
}

function isLoopback(host: string): boolean {
  return /^localhost\.?$/i.test(host) || host === '::1' || (isIPv4(host) && host.startsWith('127.'))
}

function isPort(digits: string): boolean {
  return Number(digits) >= 1 && Number(digits) <= 65535 && !digits.startsWith('0')
}
