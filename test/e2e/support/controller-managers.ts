import { expect } from 'vitest'
import { controlPlanes } from './lab.js'
import { downSpans, type Look, overlaps } from './watch-controller-managers.js'

/** Each kube-controller-manager was restarted under the watch, and never two at a time. */
export function expectNeverTwoDown(looks: ReadonlyMap<string, Look[]>): void {
  const down = controlPlanes.map((node) => {
    const own = looks.get(node) ?? []
    expect(own.length, `looks at ${node}`).toBeGreaterThan(10)
    const spans = downSpans(own)
    expect(spans.length, `${node}: the watch saw kube-controller-manager go down`).toBeGreaterThan(0)
    expect(own.at(-1)?.up, `${node}: kube-controller-manager is up at the end`).toBe(true)
    return spans
  })
  const together = down.flatMap((spans, index) =>
    down.slice(index + 1).flatMap((others) => overlaps(spans, others)),
  )
  expect(together, 'times at which two kube-controller-managers may have been down').toEqual([])
}
