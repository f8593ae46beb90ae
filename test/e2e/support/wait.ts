const pauseMs = 500

export function sleep(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000))
}

/**
 * Polls until `look` says done; at the limit it fails with what was waited for and what was seen last. A look that
 * fails is repeated: masters restart under the suite.
 */
export async function waitFor<T>(
  what: string,
  seconds: number,
  look: () => Promise<{ done: T } | { waiting: string }>,
): Promise<T> {
  const until = Date.now() + seconds * 1000
  for (;;) {
    const seen = await look().catch((error: Error) => ({ waiting: error.message }))
    if ('done' in seen) return seen.done
    if (Date.now() >= until) throw new Error(`${what}: not within ${seconds} s; ${seen.waiting}`)
    await new Promise((resolve) => setTimeout(resolve, pauseMs))
  }
}
