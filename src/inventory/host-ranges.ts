/**
 * Names as `--limit` takes them, runs of numbers as ranges: `edge-[001:004],edge-007`. Sorted, each name once, and
 * `expandRanges` of the words gives the names back.
 */
export function hostRanges(names: Iterable<string>): string {
  const parsed = [...new Set(names)].map(digitRuns)
  const positions = Math.max(1, ...parsed.map((parts) => (parts.length - 1) / 2))
  const attempts = Array.from({ length: positions }, (_, fromEnd) => rangesAt(parsed, fromEnd))
  const [first = [], ...others] = attempts
  return others.reduce((best, words) => (words.length < best.length ? words : best), first).join(',')
}

interface Numbered {
  before: string
  digits: string
  after: string
}

/** The more digits a range may have (`expandRanges`). */
const mostDigits = 15

/** Text and runs of digits in turn, text first. */
function digitRuns(name: string): string[] {
  return name.split(/(\d+)/)
}

/** The words when the run of digits at that place, counted from the end of the name, is the one that may turn. */
function rangesAt(parsed: readonly string[][], fromEnd: number): string[] {
  const plain: string[] = []
  const numbered: Numbered[] = []
  for (const parts of parsed) {
    const at = parts.length - 2 - 2 * fromEnd
    const digits = parts[at]
    if (digits === undefined || digits.length > mostDigits) plain.push(parts.join(''))
    else numbered.push({ before: parts.slice(0, at).join(''), digits, after: parts.slice(at + 1).join('') })
  }
  return [...plain.sort(), ...joined(numbered.sort(compare))]
}

function joined(sorted: readonly Numbered[]): string[] {
  const runs: { first: Numbered; last: Numbered }[] = []
  for (const item of sorted) {
    const run = runs.at(-1)
    if (run !== undefined && follows(run, item)) run.last = item
    else runs.push({ first: item, last: item })
  }
  return runs.map(({ first, last }) =>
    first === last
      ? first.before + first.digits + first.after
      : `${first.before}[${first.digits}:${last.digits}]${first.after}`,
  )
}

/** Leading zeros are kept only by ranges whose numbers all have as many digits. */
function follows({ first, last }: { first: Numbered; last: Numbered }, next: Numbered): boolean {
  const sameWidth = next.digits.length === first.digits.length
  return (
    next.before === last.before &&
    next.after === last.after &&
    Number(next.digits) === Number(last.digits) + 1 &&
    (isPadded(first.digits) ? sameWidth : !isPadded(next.digits))
  )
}

function isPadded(digits: string): boolean {
  return digits.length > 1 && digits.startsWith('0')
}

function compare(a: Numbered, b: Numbered): number {
  return (
    compareText(a.before, b.before) ||
    compareText(a.after, b.after) ||
    a.digits.length - b.digits.length ||
    Number(a.digits) - Number(b.digits)
  )
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
