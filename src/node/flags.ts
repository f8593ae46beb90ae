/** One place on a command line where a flag is given. */
export interface FlagUse {
  /** Undefined for a bare `--name` that no value follows. */
  value: string | undefined
  /** Index of the word `--name` or `--name=value`. */
  index: number
  /** 2 when the value is a word of its own. */
  words: 1 | 2
}

/**
 * Every use of `--name=value` and `--name value`, in order. `_` counts as `-` in a name, as in every Kubernetes
 * component (component-base, cli/flag, WordSepNormalizeFunc). A word that starts with `--` is never taken for a
 * value.
 */
export function flagUses(words: readonly string[], name: string): FlagUse[] {
  return words.flatMap((word, index): FlagUse[] => {
    const [flag = ''] = word.split('=', 1)
    if (flag.replaceAll('_', '-') !== `--${name}`) return []
    if (flag !== word) return [{ value: word.slice(flag.length + 1), index, words: 1 }]
    const next = words[index + 1]
    const bare = next === undefined || next.startsWith('--')
    return [bare ? { value: undefined, index, words: 1 } : { value: next, index, words: 2 }]
  })
}
