import { hostRanges } from '../inventory/host-ranges.js'
import { counted } from '../words.js'

/** Items that have the same key, in the order in which the keys first came. */
export function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): T[][] {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const key = keyOf(item)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [item])
    else group.push(item)
  }
  return [...groups.values()]
}

/** `edge-1`, or `edge-[1:3] (3 hosts)` */
export function hostsText(names: readonly string[]): string {
  const hosts = new Set(names).size
  return hosts === 1 ? hostRanges(names) : `${hostRanges(names)} (${counted(hosts, 'host')})`
}

/** What is said, whatever its names and numbers are: texts of one shape say the same of different hosts. */
export function shapeOf(text: string, names: readonly string[]): string {
  const longestFirst = [...new Set(names)].filter((name) => name !== '').sort((a, b) => b.length - a.length)
  return longestFirst.reduce((shape, name) => shape.replaceAll(name, '<host>'), text).replace(/\d+/g, '0')
}
