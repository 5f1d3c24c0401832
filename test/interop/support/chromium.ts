/** Debian's Chromium, which asks the network for nothing. */
import { type Browser, chromium, type Page } from 'playwright-core';
import type { Bench } from './bench.ts';

export async function startChromium(bench: Bench): Promise<Browser> {
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--no-proxy-server'],
  });
  bench.undo(() => browser.close());
  return browser;
}

/** Tells what the browser complains of: scripts that fail, files that are missing, the policy violated. A dialog is one too. */
export function onComplaint(page: Page, tell: (complaint: string) => void): void {
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) tell(message.text());
  });
  page.on('pageerror', ({ message }) => tell(message));
  page.on('dialog', (dialog) => {
    tell(`a dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
}
