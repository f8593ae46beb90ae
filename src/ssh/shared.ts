/** Values by key, each opened once for all who ask for it, and opened anew after it was lost. */
export interface Shared<T> {
  get(key: string, open: () => Promise<T>): Promise<T>
  /** Closes the value and forgets it. */
  drop(key: string): void
  /** Closes all values. */
  close(): void
}

interface Losable {
  readonly lost: AbortSignal
  close(): void
}

/** `keepFailure` tells which failures to open are remembered instead of tried again for the next who asks. */
export function createShared<T extends Losable>(
  keepFailure: (error: unknown) => boolean = () => false,
): Shared<T> {
  const values = new Map<string, Promise<T>>()

  async function watch(key: string, opening: Promise<T>): Promise<void> {
    const forget = () => values.get(key) === opening && values.delete(key)
    try {
      const { lost } = await opening
      if (lost.aborted) forget()
      lost.addEventListener('abort', forget, { once: true })
    } catch (error) {
      if (!keepFailure(error)) forget()
    }
  }

  function drop(key: string): void {
    const value = values.get(key)
    values.delete(key)
    value?.then((opened) => opened.close()).catch(() => undefined)
  }

  return {
    get(key, open) {
      const known = values.get(key)
      if (known !== undefined) return known
      const opening = open()
      values.set(key, opening)
      void watch(key, opening)
      return opening
    },
    drop,
    close: () => [...values.keys()].forEach(drop),
  }
}
