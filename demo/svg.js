const cell = { width: 8.4, height: 18 }
const margin = 16
const endMs = 4000
const palette = ['#24292f', '#f47067', '#6bc46d', '#daaa3f', '#6cb6ff', '#dcbdfb', '#56d4dd', '#cdd9e5']
const plain = { colour: '#cdd9e5', bold: false, dim: false }

/** An SVG that plays captured screens one after the other, for ever; `at` is each one's milliseconds from the start. */
export function drawFrames(frames, { columns, rows }) {
  const first = frames[0]?.at ?? 0
  const total = (frames.at(-1)?.at ?? 0) - first + endMs
  const width = Math.round(columns * cell.width + 2 * margin)
  const height = rows * cell.height + 2 * margin
  const percent = (at) => (((at - first) / total) * 100).toFixed(3)
  const rules = frames.map(({ at }, index) => {
    const to = frames[index + 1]?.at
    const hidden = to === undefined ? '' : `${percent(to)}%{visibility:hidden}`
    return `@keyframes f${index}{0%{visibility:hidden}${percent(at)}%{visibility:visible}${hidden}}#f${index}{animation:f${index} ${total}ms step-end infinite}`
  })
  const screens = frames.map(
    ({ text }, index) => `<g id="f${index}" visibility="hidden">${drawScreen(text)}</g>`,
  )
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="ui-monospace,Menlo,Consolas,monospace" font-size="14" role="img">
<title>yurt-ssh converts a cluster of the embedded lab and takes it back</title>
<style>text{white-space:pre}${rules.join('')}</style>
<rect width="100%" height="100%" rx="8" fill="#1c2128"/>
${screens.join('\n')}
</svg>
`
}

function drawScreen(text) {
  return text
    .split('\n')
    .map((line, row) => drawLine(line, margin + (row + 0.8) * cell.height))
    .join('')
}

/** A line of text with SGR sequences as one text element, a tspan for each run of one style. */
function drawLine(line, y) {
  let style = plain
  const spans = []
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character is what a terminal sends
  for (const part of line.split(/(\x1b\[[0-9;]*m)/)) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: as above
    const [, codes] = /^\x1b\[([0-9;]*)m$/.exec(part) ?? []
    if (codes !== undefined) style = codes.split(';').reduce(restyle, style)
    else if (part.trim() !== '' || spans.length > 0) spans.push(drawSpan(part, style))
  }
  if (spans.join('').trim() === '') return ''
  return `<text x="${margin}" y="${y.toFixed(1)}" fill="${plain.colour}" xml:space="preserve">${spans.join('')}</text>`
}

function drawSpan(text, { colour, bold, dim }) {
  const attributes = [
    colour === plain.colour ? '' : ` fill="${colour}"`,
    bold ? ' font-weight="bold"' : '',
    dim ? ' opacity="0.6"' : '',
  ].join('')
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
  return attributes === '' ? escaped : `<tspan${attributes}>${escaped}</tspan>`
}

/** The style after one SGR code: the eight colours, bold, dim, and what ends them. */
function restyle(style, code) {
  const number = Number(code)
  if (number === 0) return plain
  if (number === 1) return { ...style, bold: true }
  if (number === 2) return { ...style, dim: true }
  if (number === 22) return { ...style, bold: false, dim: false }
  if (number === 39) return { ...style, colour: plain.colour }
  if (number >= 30 && number <= 37) return { ...style, colour: palette[number - 30] }
  if (number >= 90 && number <= 97) return { ...style, colour: palette[number - 90] }
  return style
}
