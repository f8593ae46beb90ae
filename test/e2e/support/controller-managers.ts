import { expect } from 'vitest'
import { controlPlanes } from './lab.js'
import { downSpans, type Look, longestGap, overlaps } from './watch-controller-managers.js'

/** Each kube-controller-manager was restarted under the watch, and never both at a time. */
export function expectNeverBothDown(looks: ReadonlyMap<string, Look[]>): void {
  const [first = [], second = []] = controlPlanes.map((node) => {
    const own = looks.get(node) ?? []
    expect(own.length, `looks at ${node}`).toBeGreaterThan(60)
    expect(longestGap(own), `${node}: the longest time without a look, in ms`).toBeLessThan(5000)
    const spans = downSpans(own)
    expect(spans.length, `${node}: the watch saw kube-controller-manager go down`).toBeGreaterThan(0)
    expect(own.at(-1)?.up, `${node}: kube-controller-manager is up at the end`).toBe(true)
    return spans
  })
  expect(overlaps(first, second), 'times at which both kube-controller-managers may have been down').toEqual(
    [],
  )
}
