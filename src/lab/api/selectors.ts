import { badRequest } from './failure.js'
import type { ApiObject } from './object.js'

export type Matcher = (object: ApiObject) => boolean

const inSet = /^\s*([^\s!=,()]+)\s+(in|notin)\s*\(([^)]*)\)\s*$/
const equality = /^\s*([^\s!=,()]+)\s*(==|=|!=)\s*([^\s!=,()]*)\s*$/
const existence = /^\s*(!?)\s*([^\s!=,()]+)\s*$/

/** A label selector with equality, sets and existence: `a=b,c!=d,e in (f,g),!h`. @throws ApiFailure 400 */
export function labelMatcher(selector: string): Matcher {
  // A comma inside parentheses belongs to a set.
  const parts = selector.split(/,(?![^(]*\))/).filter((part) => part.trim() !== '')
  const tests = parts.map(labelTest)
  return ({ metadata: { labels = {} } }) => tests.every((test) => test(labels))
}

function labelTest(part: string): (labels: Record<string, string>) => boolean {
  const set = inSet.exec(part)
  if (set !== null) {
    const [, key = '', operator, list = ''] = set
    const values = list.split(',').map((value) => value.trim())
    return (labels) => values.includes(labels[key] ?? '\0') === (operator === 'in')
  }
  const equal = equality.exec(part)
  if (equal !== null) {
    const [, key = '', operator, value = ''] = equal
    return (labels) => (labels[key] === value) === (operator !== '!=')
  }
  const exists = existence.exec(part)
  if (exists === null) throw badRequest(`unable to parse requirement: ${part}`)
  const [, not, key = ''] = exists
  return (labels) => (labels[key] !== undefined) === (not === '')
}

/** A field selector: `spec.nodeName=a,status.phase!=Failed`. A field that is absent counts as empty. @throws ApiFailure 400 */
export function fieldMatcher(selector: string): Matcher {
  const tests = selector
    .split(',')
    .filter((part) => part !== '')
    .map((part) => {
      const [, path = '', operator, value = ''] = /^([^!=]+)(==|=|!=)(.*)$/.exec(part) ?? []
      if (operator === undefined) throw badRequest(`invalid field selector: ${part}`)
      return (object: ApiObject) => (fieldText(object, path) === value) === (operator !== '!=')
    })
  return (object) => tests.every((test) => test(object))
}

function fieldText(object: unknown, path: string): string {
  const value = path
    .split('.')
    .reduce<unknown>((part, key) => (part as Record<string, unknown> | undefined)?.[key], object)
  return value === undefined ? '' : String(value)
}
