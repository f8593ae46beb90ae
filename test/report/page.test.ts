import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { renderJunit } from '../../src/report/junit.js'
import { renderPage } from '../../src/report/page.js'
import { summarize } from '../../src/report/summary.js'
import { simulatedRun } from '../support/simulated-run.js'
import { requireTool } from '../support/tools.js'

// programs of their own, on a machine that may be busy
vi.setConfig({ testTimeout: 60_000 })

/** Run in the page. */
const faintTexts = readFileSync(join(import.meta.dirname, 'faint-texts.js'), 'utf8')

const pageOf = (hosts: number, oddity = 50): string => {
  const record = simulatedRun(hosts, { oddity })
  return renderPage(summarize(record), record.plan, record.log)
}

describe('a page', () => {
  it('escapes what hosts say, in its text and in its data', () => {
    const record = simulatedRun(3, { oddity: 3 })
    const hostile = `</script><script>alert(1)</script><img src=x onerror='alert("2")'>`
    for (const host of record.header.hosts) host.groups = [hostile]
    for (const result of record.end?.hosts ?? []) {
      result.notes = [hostile]
      if (result.error !== undefined)
        Object.assign(result.error, { message: hostile, detail: hostile, hint: hostile })
    }
    record.header.environment.command = [hostile]
    for (const event of record.events) if (event.type === 'host-step') event.text = hostile
    const page = renderPage(summarize(record), record.plan, () => hostile)
    expect(page).not.toContain('<img')
    expect(page).not.toContain('<script>alert')
    expect(page.match(/<script/g)).toHaveLength(2)
    expect(page.match(/<\/script/g)).toHaveLength(2)
  })

  it('names no address but those in its text', () => {
    const page = pageOf(5)
    expect(page).not.toMatch(/(?:src|href)="(?!#|data:)/)
    expect(page).not.toMatch(/url\(|@import|fetch\(|XMLHttpRequest/)
  })
})

describe.runIf(requireTool('chromium'))('in Chromium', () => {
  let browser: Browser
  let folder = ''
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'yurt-ssh-page-'))
    writeFileSync(join(folder, 'small.html'), pageOf(5, 5))
    writeFileSync(join(folder, 'big.html'), pageOf(1000))
    const args = '--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking'
    browser = await chromium.launch({
      executablePath: '/usr/bin/chromium',
      args: [...args.split(' '), '--disable-component-update', '--disable-sync'],
    })
  }, 60_000)
  afterAll(async () => {
    await browser.close()
    rmSync(folder, { recursive: true, force: true })
  })

  /** Opens a page, does something there, and fails on any complaint of the browser or request that leaves the page. */
  async function on(name: string, act: (page: Page) => Promise<void>, settings = {}): Promise<void> {
    const page = await browser.newPage({
      viewport: { width: 1440, height: 1000 },
      reducedMotion: 'reduce',
      ...settings,
    })
    const complaints: string[] = []
    const url = pathToFileURL(join(folder, name)).href
    page.on('console', (message) => complaints.push(message.text()))
    page.on('pageerror', (error) => complaints.push(error.message))
    page.on('dialog', (dialog) => complaints.push(`dialog: ${dialog.message()}`))
    page.on('request', (request) => {
      if (request.url() !== url && !request.url().startsWith('data:')) complaints.push(request.url())
    })
    try {
      await page.goto(url)
      await act(page)
      expect(complaints).toEqual([])
    } finally {
      await page.close()
    }
  }

  const count = (page: Page): Promise<string> => page.locator('#count').innerText()
  const rows = (page: Page): Promise<string[]> => page.locator('.row .name').allInnerTexts()

  it('it shows what happened, and how it looks on a screen', () =>
    on('small.html', async (page) => {
      expect(await page.locator('h1').innerText()).toMatch(/^Convert\s+Failed$/)
      expect(await count(page)).toBe('5 of 5 hosts')
      expect(await rows(page)).toHaveLength(6)
      expect(await page.locator('#failures').innerText()).toContain(
        '<script>alert("a hostile host")</script>',
      )
      expect(await page.locator('#failures').innerText()).toContain('words of edge-0003')
      const bars = page.locator('#row-3 rect')
      expect(await bars.count()).toBe(6)
      expect(await page.locator('.hosts tbody tr').count()).toBe(5)
      const picture = await page.screenshot({ fullPage: true })
      expect(picture.subarray(1, 4).toString()).toBe('PNG')
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(1440)
    }))

  it('it keeps a few rows only at 1,000 hosts, and scrolls through all', () =>
    on('big.html', async (page) => {
      expect(await count(page)).toBe('1,000 of 1,000 hosts')
      expect(await page.locator('.row').count()).toBeLessThan(60)
      await page.locator('#rows').focus()
      await page.keyboard.press('End')
      expect(await page.locator('.row').count()).toBeLessThan(60)
      const last = page.locator('.row[aria-selected="true"]')
      expect(await last.getAttribute('aria-posinset')).toBe('1001')
      expect(await last.getAttribute('aria-setsize')).toBe('1001')
      expect(await last.isVisible()).toBe(true)
    }))

  it('it filters by name, status and group', () =>
    on('big.html', async (page) => {
      await page.keyboard.press('/')
      await page.keyboard.type('EDGE-0003')
      expect(await rows(page)).toEqual(['edge-0003'])
      expect(await count(page)).toBe('1 of 1,000 hosts')
      await page.locator('#find').fill('no such host')
      expect(await page.locator('.none').innerText()).toBe('No host is like that.')
      await page.locator('#find').fill('')
      await page.locator('[data-status="changed"]').click()
      expect(await page.locator('[data-status="changed"]').getAttribute('aria-pressed')).toBe('false')
      expect(await count(page)).toBe('20 of 1,000 hosts')
      await page.locator('[data-status="changed"]').click()
      await page.locator('#group').selectOption('site-a')
      expect(await count(page)).toBe('125 of 1,000 hosts')
      await page.locator('#order').selectOption('status')
      expect((await rows(page))[0]).toBe('edge-0153')
    }))

  it('it obeys the keyboard: choose, open, zoom, move, close', () =>
    on('big.html', async (page) => {
      const list = page.locator('#rows')
      await list.focus()
      for (const key of ['ArrowDown', 'ArrowDown', 'ArrowDown', 'ArrowUp', 'Enter'])
        await page.keyboard.press(key)
      const chosen = await page.locator('.row[aria-selected="true"]').getAttribute('aria-label')
      expect(chosen).toMatch(/^edge-\d{4}, changed, 9 steps, \d+ s$/)
      expect(await page.locator('#detail h3').innerText()).toBe(chosen?.split(',')[0])
      expect(await page.locator('#detail tbody tr').count()).toBe(9)
      expect(await page.evaluate('document.activeElement.id')).toBe('detail')
      await page.keyboard.press('Escape')
      expect(await page.locator('#detail').isHidden()).toBe(true)
      expect(await page.evaluate('document.activeElement.id')).toBe('rows')
      const axis = (): Promise<string> => page.locator('#axis').innerHTML()
      const whole = await axis()
      await page.keyboard.press('+')
      const zoomed = await axis()
      expect(zoomed).not.toBe(whole)
      await page.keyboard.press('ArrowRight')
      expect(await axis()).not.toBe(zoomed)
      await page.keyboard.press('0')
      expect(await axis()).toBe(whole)
      await page.locator('#overview').scrollIntoViewIfNeeded()
      const box = await page.locator('#overview').boundingBox()
      if (box === null) throw new Error('no overview')
      await page.mouse.move(box.x + 400, box.y + 20)
      await page.mouse.down()
      await page.mouse.move(box.x + 600, box.y + 20)
      await page.mouse.up()
      expect(await axis()).not.toBe(whole)
    }))

  it("a failed host leads to the node's own words", () =>
    on('big.html', async (page) => {
      await page.locator('#find').fill('edge-0153')
      await page.locator('.row').click()
      await page.locator('#detail a').click()
      expect(await page.locator('#failure-edge-0153').isVisible()).toBe(true)
      expect(await page.locator('#failure-edge-0153 pre').first().innerText()).toContain(
        'certificate_manager.go',
      )
    }))

  it('a screen reader finds landmarks, names, and the table', () =>
    on('small.html', async (page) => {
      const tree = await page.locator('body').ariaSnapshot()
      for (const part of [
        'banner',
        'navigation "Sections"',
        'main',
        'region "Timeline"',
        'search "Timeline"',
        'listbox "Timeline"',
        'option "edge-0003, failed',
        'table "Every host',
        'group "Zoom"',
      ])
        expect(tree).toContain(part)
      expect(
        await page
          .locator('button, input, select, a')
          .evaluateAll(
            (all) =>
              all.filter(
                (one) =>
                  (one.textContent ?? '') === '' && !one.closest('label') && !one.hasAttribute('aria-label'),
              ).length,
          ),
      ).toBe(0)
    }))

  it.each(['light', 'dark'] as const)('its text has contrast: %s', (colorScheme) =>
    on(
      'small.html',
      async (page) => {
        await page.locator('.row').nth(3).click()
        expect(await page.evaluate(faintTexts)).toEqual([])
      },
      { colorScheme },
    ),
  )

  it('JUnit is XML, whatever hosts say', () =>
    on('small.html', async (page) => {
      const hostile = summarize(simulatedRun(10, { oddity: 5 }))
      for (const { errors } of hostile.hosts)
        for (const error of errors) error.detail = ']]>\u0000\u001b[31m<&"\u0007'
      const xml = JSON.stringify(renderJunit(hostile))
      const count = (tag: string): Promise<unknown> =>
        page.evaluate(`new DOMParser().parseFromString(${xml}, 'text/xml').querySelectorAll('${tag}').length`)
      expect([await count('parsererror'), await count('testcase'), await count('failure')]).toEqual([
        0, 11, 2,
      ])
    }))

  it('it works without its script, as a table', async () => {
    const page = await browser.newPage({ javaScriptEnabled: false })
    await page.goto(pathToFileURL(join(folder, 'small.html')).href)
    expect(await page.locator('.hosts tbody tr').count()).toBe(5)
    expect(await page.locator('#tool').isVisible()).toBe(false)
    expect(await page.locator('noscript').innerText()).toContain('All hosts')
    await page.close()
  })
})
