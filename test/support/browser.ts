import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import chromium from '@sparticuz/chromium'
import { chromium as playwright, type Browser, type Page } from 'playwright-core'
import { REPOSITORY } from './site.ts'

/** Where the pictures go that people look at. */
export const PICTURES = join(REPOSITORY, 'test/.pictures')

export const SCREENS = {
  phone: { width: 390, height: 844 },
  desktop: { width: 1280, height: 900 },
} as const
export type Screen = keyof typeof SCREENS

/** Starts Chromium: `CHROMIUM_PATH`, Debian's, or the one that comes from npm. */
export async function startBrowser(): Promise<Browser> {
  const installed = [process.env['CHROMIUM_PATH'], '/usr/bin/chromium-headless-shell'].find(
    (path) => path !== undefined && existsSync(path),
  )
  const executablePath = installed ?? (await chromium.executablePath())
  try {
    return await playwright.launch({ executablePath, args: ['--no-sandbox'] })
  } catch (cause) {
    throw new Error(
      'Chromium does not start. On Debian and Ubuntu it needs: apt-get install libnss3 libnspr4. Or name another one in CHROMIUM_PATH.',
      { cause },
    )
  }
}

/** What a page did while it was open. */
export interface Visit {
  readonly page: Page
  readonly requests: { readonly url: string; readonly referrer: string | undefined }[]
  readonly complaints: string[]
  readonly status: number
}

/** Opens a page as somebody with such a screen would, and notes what it fetches and complains of. */
export async function visit(
  browser: Browser,
  url: URL | string,
  screen: Screen,
  colorScheme: 'light' | 'dark' = 'light',
): Promise<Visit> {
  const context = await browser.newContext({ viewport: SCREENS[screen], colorScheme })
  const page = await context.newPage()
  const requests: Visit['requests'] = []
  const complaints: string[] = []
  page.on('request', (request) =>
    requests.push({ url: request.url(), referrer: request.headers()['referer'] }),
  )
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(error.message))
  const response = await page.goto(String(url), { waitUntil: 'networkidle' })
  return { page, requests, complaints, status: response?.status() ?? 0 }
}

/** Takes a picture of the whole page for people to look at. */
export async function takePicture(page: Page, name: string): Promise<Buffer> {
  mkdirSync(PICTURES, { recursive: true })
  return page.screenshot({ path: join(PICTURES, `${name}.png`), fullPage: true })
}
