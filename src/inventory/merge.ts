import { resolve } from 'node:path'
import { pathKeys, secretKeys } from './schema.js'
import type { Path, Source } from './source.js'

type Fields = Record<string, unknown>

/**
 * Several sources as one: maps are merged key by key, of anything else, secrets too, the last source that sets it
 * counts. A value stands where the counting source has it, a key where the first one has it.
 */
export function mergeSources(sources: readonly Source[]): Source {
  const lastFirst = sources.toReversed()
  return {
    files: sources.flatMap(({ files }) => files),
    value: sources.map(({ value }) => value).reduce(mergeValues),
    valueAt: (path) => closest(lastFirst, path).valueAt(path),
    keyAt: (path) => closest(sources, path).keyAt(path),
    problems: sources.flatMap(({ problems }) => problems),
    mask: (message) => sources.reduce((text, { mask }) => mask(text), message),
  }
}

/** An entry without a value sets nothing: a host's settings in an earlier file stay. */
function mergeValues(earlier: unknown, later: unknown): unknown {
  if (!isFields(earlier)) return later
  if (later === null) return earlier
  if (!isFields(later)) return later
  const added = Object.keys(later).filter((key) => !Object.hasOwn(earlier, key))
  return Object.fromEntries([
    ...Object.entries(earlier).map(([key, value]) => [
      key,
      !Object.hasOwn(later, key)
        ? value
        : isSecret(key, later[key])
          ? later[key]
          : mergeValues(value, later[key]),
    ]),
    ...added.map((key) => [key, later[key]]),
  ])
}

/** A host or a group may have such a name too, but neither of the two keys. */
function isSecret(key: string, value: unknown): boolean {
  return secretKeys.has(key) && isFields(value) && ('file' in value || 'env' in value)
}

/** The first of the sources that have the most of a path. */
function closest(sources: readonly Source[], path: Path): Source {
  return sources.reduce((best, source) =>
    depth(source.value, path) > depth(best.value, path) ? source : best,
  )
}

function depth(value: unknown, path: Path): number {
  const [step, ...rest] = path
  if (step === undefined || typeof value !== 'object' || value === null || !Object.hasOwn(value, step))
    return 0
  return 1 + depth((value as Record<PropertyKey, unknown>)[step], rest)
}

/** The source with its relative paths made absolute: they start from the folder of the file they stand in. */
export function anchorPaths(source: Source, folder: string): Source {
  return { ...source, value: anchored(source.value, folder) }
}

function anchored(value: unknown, folder: string): unknown {
  if (!isFields(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      pathKeys.has(key) && !isFields(inner) && !(key === 'config' && inner === 'none')
        ? absolute(inner, folder)
        : anchored(inner, folder),
    ]),
  )
}

function absolute(value: unknown, folder: string): unknown {
  if (Array.isArray(value)) return value.map((path) => absolute(path, folder))
  return typeof value === 'string' && value !== '' && !value.startsWith('~') ? resolve(folder, value) : value
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
