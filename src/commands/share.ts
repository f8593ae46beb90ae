/** Copies plain data; texts that are equal in what it has copied so far are one text in the copies. */
export type Share = <T>(data: T) => T

/**
 * The hosts of a fleet say nearly the same, and what they say is kept until the plan is made. A text that was cut out of a
 * longer one is copied: V8 would keep the whole of it, which is everything that the host printed.
 */
export function createShare(): Share {
  const texts = new Map<string, string>()

  function textOf(text: string): string {
    const known = texts.get(text) ?? structuredClone(text)
    texts.set(known, known)
    return known
  }

  function share(data: unknown): unknown {
    if (typeof data === 'string') return textOf(data)
    if (Array.isArray(data)) return data.map(share)
    if (typeof data !== 'object' || data === null) return data
    return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, share(value)]))
  }

  return share as Share
}
