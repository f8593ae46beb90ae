import { ApiFailure } from './failure.js'
import { isRecord, type Json, sameJson } from './object.js'

/** JSON merge patch, RFC 7386. */
export function mergePatch(target: Json | undefined, change: Json): Json {
  if (!isRecord(change)) return change
  const result = isRecord(target) ? { ...target } : {}
  for (const [key, value] of Object.entries(change)) {
    if (value === null) delete result[key]
    else result[key] = mergePatch(result[key], value)
  }
  return result
}

interface Operation {
  op: string
  path: string
  from?: string
  value?: Json
}

/** JSON patch, RFC 6902. @throws ApiFailure 422 when an operation does not apply, 400 when it is none */
export function jsonPatch(target: Json, operations: unknown): Json {
  if (!Array.isArray(operations))
    throw new ApiFailure(400, 'BadRequest', 'a JSON patch is a list of operations')
  return (operations as Operation[]).reduce<Json>(applyOperation, structuredClone(target))
}

function applyOperation(root: Json, operation: Operation): Json {
  const path = pointer(operation.path)
  switch (operation.op) {
    case 'add':
      return put(root, path, operation.value ?? null, 'add')
    case 'replace':
      return put(root, path, operation.value ?? null, 'replace')
    case 'remove':
      return remove(root, path)
    case 'copy':
      return put(root, path, structuredClone(read(root, pointer(operation.from))), 'add')
    case 'move': {
      const from = pointer(operation.from)
      const value = read(root, from)
      return put(remove(root, from), path, value, 'add')
    }
    case 'test':
      if (sameJson(read(root, path), operation.value)) return root
      throw rejected(`testing value ${operation.path} failed`)
    default:
      throw new ApiFailure(400, 'BadRequest', `unknown operation ${operation.op}`)
  }
}

function pointer(text: string | undefined): string[] {
  if (text === undefined || (text !== '' && !text.startsWith('/')))
    throw new ApiFailure(400, 'BadRequest', `not a JSON pointer: ${text}`)
  return text
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
}

function read(value: Json, path: string[]): Json {
  return path.reduce<Json>((part, key) => {
    const next = Array.isArray(part) ? part[Number(key)] : isRecord(part) ? part[key] : undefined
    if (next === undefined) throw rejected(`there is no /${path.join('/')}`)
    return next
  }, value)
}

/** Changes the (cloned) document in place; a new value at the root replaces it. */
function put(root: Json, path: string[], value: Json, how: 'add' | 'replace'): Json {
  const key = path.at(-1)
  if (key === undefined) return value
  const parent = read(root, path.slice(0, -1))
  if (how === 'replace') read(parent, [key])
  if (Array.isArray(parent)) {
    const index = key === '-' ? parent.length : Number(key)
    if (!(index >= 0 && index <= parent.length)) throw rejected(`there is no /${path.join('/')}`)
    parent.splice(index, how === 'add' ? 0 : 1, value)
  } else if (isRecord(parent)) parent[key] = value
  else throw rejected(`there is no /${path.join('/')}`)
  return root
}

function remove(root: Json, path: string[]): Json {
  const key = path.at(-1)
  if (key === undefined) return null
  const parent = read(root, path.slice(0, -1))
  read(parent, [key])
  if (Array.isArray(parent)) parent.splice(Number(key), 1)
  else delete (parent as Record<string, Json>)[key]
  return root
}

function rejected(why: string): ApiFailure {
  return new ApiFailure(
    422,
    'Invalid',
    `the server rejected our request due to an error in our request: ${why}`,
  )
}
