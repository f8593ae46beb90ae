/** What was found, by a key that says where. */
export type Snapshot = Record<string, string>

/** What differs between two snapshots, a line each; empty when they are equal. */
export function differences(before: Snapshot, after: Snapshot): string[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()
  return keys
    .filter((key) => before[key] !== after[key])
    .map((key) => {
      if (before[key] === undefined) return `new: ${key}: ${after[key]}`
      if (after[key] === undefined) return `gone: ${key}: ${before[key]}`
      return `changed: ${key}: ${before[key]} -> ${after[key]}`
    })
}

/** The part of a snapshot that is about one host. */
export function onlyOf(host: string, snapshot: Snapshot): Snapshot {
  return Object.fromEntries(Object.entries(snapshot).filter(([key]) => key.startsWith(`${host} `)))
}
