import { YurtSshError } from '../errors.js'
import type { Release } from './types.js'
import { classic } from './v0.6.1.js'

/** Every release that an inventory may name. */
export const knownReleases: readonly Release[] = [classic]

/** What a new inventory names. */
export const newestRelease: Release = classic

/** The release of that name. @throws YurtSshError INVENTORY_RELEASE */
export function findRelease(name: string): Release {
  const release = knownReleases.find((candidate) => candidate.name === name)
  if (release !== undefined) return release
  throw new YurtSshError('INVENTORY_RELEASE', `OpenYurt release ${name} is not known`, {
    hint: `openyurt.release may be ${knownReleases.map(({ name }) => name).join(', ')}`,
  })
}

/** `openyurt/yurthub:v1` → `docker.io/openyurt/yurthub:v1`: the name that a container runtime keeps an image under. */
export function qualifiedImage(reference: string): string {
  const [first = '', ...rest] = reference.split('/')
  const hasRegistry = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost')
  const named = hasRegistry
    ? reference
    : rest.length === 0
      ? `docker.io/library/${reference}`
      : `docker.io/${reference}`
  return /[:@][^/]+$/.test(named) ? named : `${named}:latest`
}
