/** The dashboard in Chromium: it draws both gateways, follows them, is used by keyboard and on a phone, and takes names for text. */
import { createServer, type Server } from 'node:http';
import { expect } from 'chai';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { freePort, openBench } from './support/bench.ts';
import { onComplaint, startChromium } from './support/chromium.ts';
import { type Gateway, startGateway } from './support/gateway.ts';
import { until } from './support/until.ts';

const ROUTES = 1_000;

describe('the dashboard in a browser', () => {
  const bench = openBench();
  let browser: Browser;
  let file: string;
  let edge: Gateway;
  let inside: Gateway;
  let stock: Server;
  let fails = false;
  let complaints: string[] = [];
  const seen: string[] = [];

  before(async () => {
    const [edgeAdmin, insideAdmin, port] = [await freePort(), await freePort(), await freePort()];
    stock = createServer((req, res) => {
      seen.push(req.url ?? '');
      res.writeHead(fails ? 500 : 200).end('{}');
    });
    const at = await bench.listen(stock);
    file = await bench.file('postern.yaml', configuration({ edgeAdmin, insideAdmin, stock: at, nobody: port }));
    [edge, inside] = await Promise.all([startGateway(bench, 'public-gateway', file), startGateway(bench, 'private-gateway', file)]);
    browser = await startChromium(bench);
  });
  after(() => bench.clear());
  beforeEach(() => {
    complaints = [];
    fails = false;
  });
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
    expect(complaints).to.deep.equal([]);
  });

  async function open(options: BrowserContextOptions = {}, at = edge.admin, hash = ''): Promise<Page> {
    const page = await (await browser.newContext({ locale: 'en', viewport: { width: 1280, height: 800 }, ...options })).newPage();
    onComplaint(page, (complaint) => complaints.push(complaint));
    await page.goto(`${at}/${hash}`);
    await page.locator('#connection', { hasText: 'Live' }).waitFor();
    return page;
  }

  const gateway = (page: Page, name: string) => page.locator(`article.gateway[aria-label="${name}-gateway"]`);
  const circuit = (page: Page, of: string, service: string) => gateway(page, of).locator('article.circuit', { hasText: service });
  const focused = (page: Page) => page.evaluate<string>('document.activeElement.innerText || document.activeElement.id');

  it('draws both gateways from the port of either, the public one on the left', async () => {
    for (const at of [edge.admin, inside.admin]) {
      const page = await open({}, at);
      for (const name of ['public', 'private']) await gateway(page, name).locator('.state', { hasText: 'Ready' }).first().waitFor();
      expect(await page.locator('article.gateway h2').allInnerTexts()).to.deep.equal(['Public gateway', 'Private gateway']);
      await circuit(page, 'private', 'stock').locator('text=Closed').waitFor();
    }
  });

  it('follows what happens without being loaded again', async () => {
    const page = await open();
    await page.evaluate('globalThis.loaded = true');
    const card = circuit(page, 'public', 'stock');
    await card.locator('text=no calls').waitFor();
    for (let request = 0; request < 30; request += 1) await fetch(`${edge.url}/stock/${request}`);
    await card.locator('text=0 % failed').waitFor();
    expect(await card.getAttribute('data-level')).to.equal('good');
    fails = true;
    for (let request = 0; request < 60; request += 1) await fetch(`${edge.url}/stock/${request}`);
    await card.locator('.state', { hasText: 'Open' }).waitFor();
    expect([await card.getAttribute('data-level'), await card.getAttribute('data-circuit')]).to.deep.equal(['bad', 'open']);
    expect(await page.evaluate('globalThis.loaded')).to.equal(true);
  });

  it('draws who calls what, as a picture and as a table', async () => {
    const page = await open({}, edge.admin, '#traffic');
    const ask = setInterval(() => void fetch(`${inside.url}/stock/lamp`).then((response) => response.text()), 50);
    try {
      await page.locator('svg.traffic text', { hasText: 'tests' }).waitFor();
      const row = page.getByRole('row', { name: /^tests\s+stock/ });
      await row.waitFor();
      expect(await page.locator('svg.traffic path.ribbon').count()).to.be.at.least(1);
    } finally {
      clearInterval(ask);
    }
  });

  it('lists a thousand routes, of which few are in the document', async () => {
    const page = await open({}, edge.admin, '#routes');
    await page.locator('#matches', { hasText: `${2 * (ROUTES + 1)} in all` }).waitFor();
    const table = page.getByRole('table', { name: 'Routes' });
    expect(await table.getAttribute('aria-rowcount')).to.equal(String(2 * (ROUTES + 1) + 1));
    expect(await table.locator('tbody tr').count()).to.be.below(100);
    await page.getByRole('searchbox').fill('route-77');
    await page.locator('#matches', { hasText: '22 match' }).waitFor();
    await page.getByRole('combobox', { name: 'Gateway' }).selectOption('private-gateway');
    await page.locator('#matches', { hasText: '11 match' }).waitFor();
    await page.getByRole('button', { name: 'route-770' }).click();
    await page.getByRole('dialog', { name: 'route-770' }).locator('dd', { hasText: '/r/770' }).waitFor();
  });

  it('is used with the keyboard alone', async () => {
    const page = await open();
    await page.keyboard.press('2');
    await page.locator('#view-routes').waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('route-5 ');
    await page.keyboard.press('Escape');
    await page.keyboard.press('1');
    await page.locator('#view-overview').waitFor();
    await page.getByRole('searchbox').fill('');
    await circuit(page, 'public', 'stock').waitFor();
    await page.getByRole('tab', { name: 'Overview' }).focus();
    await page.keyboard.press('ArrowRight');
    expect(await focused(page)).to.equal('Routes');
    await page.keyboard.press('ArrowLeft');
    for (let presses = 0; presses < 12 && !['stock', 'nobody'].includes(await focused(page)); presses += 1)
      await page.keyboard.press('Tab');
    await page.keyboard.press('Home');
    const first = await focused(page);
    await page.keyboard.press('ArrowRight');
    const second = await focused(page);
    expect([first, second]).to.have.members(['stock', 'nobody']);
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: second }).waitFor();
    await page.keyboard.press('Escape');
    expect(await focused(page), 'back where it was').to.equal(second);
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keys' }).waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('t');
    expect(await page.locator('html').getAttribute('data-scheme')).to.equal('light');
  });

  for (const colorScheme of ['light', 'dark'] as const)
    it(`fits a phone and a screen, in the ${colorScheme}`, async () => {
      for (const viewport of [
        { width: 360, height: 640 },
        { width: 1280, height: 800 },
      ]) {
        const page = await open({ colorScheme, viewport });
        for (const view of ['overview', 'routes', 'endpoints', 'limits', 'traffic', 'requests', 'changes']) {
          await page.evaluate(`location.hash = '${view}'`);
          await page.locator(`#view-${view}`).waitFor();
          expect(await page.evaluate('document.documentElement.scrollWidth'), view).to.be.at.most(viewport.width);
        }
        const [, ...ground] = /(\d+), (\d+), (\d+)/.exec(await page.evaluate('getComputedStyle(document.body).backgroundColor')) ?? [];
        expect(ground.every((part) => Number(part) > 127)).to.equal(colorScheme === 'light');
        await page.evaluate(`location.hash = 'overview'`);
        await circuit(page, 'public', 'stock').getByRole('button').click();
        const dialog = page.getByRole('dialog');
        expect(await dialog.evaluate((it) => it.scrollWidth - it.clientWidth), 'the dialog').to.equal(0);
        complaints = complaints.filter((complaint) => !complaint.includes('404'));
      }
    });

  it('says that it is disconnected, and follows again by itself; a peer that is away is shown as such', async () => {
    const page = await open();
    await circuit(page, 'private', 'stock').waitFor();
    await inside.stop();
    await gateway(page, 'private').locator('text=Not reached').waitFor();
    inside = await startGateway(bench, 'private-gateway', file);
    await circuit(page, 'private', 'stock').waitFor({ timeout: 60_000 });
    await edge.stop();
    await page.locator('#lost', { hasText: 'has said nothing since' }).waitFor();
    expect(await page.title()).to.match(/^Disconnected/);
    edge = await startGateway(bench, 'public-gateway', file);
    await page.getByRole('button', { name: 'Try now' }).click();
    await page.locator('#connection', { hasText: 'Live' }).waitFor();
    await until('the banner to go', async () => !(await page.locator('#lost').isVisible()));
    // The browser tells of what it could not load meanwhile.
    complaints = complaints.filter((complaint) => !complaint.includes('net::ERR_'));
  });
});

function configuration({
  edgeAdmin,
  insideAdmin,
  stock,
  nobody,
}: Record<'edgeAdmin' | 'insideAdmin' | 'stock' | 'nobody', number>): string {
  const expose = { public: { access: 'anonymous' }, private: { callers: ['tests'] } };
  const many = Array.from({ length: ROUTES }, (_, at) => ({ name: `route-${at}`, match: { path: `/r/${at}` }, service: 'nobody', expose }));
  return JSON.stringify({
    services: { stock: { endpoints: [`http://127.0.0.1:${stock}`] }, nobody: { endpoints: [`http://127.0.0.1:${nobody}`] } },
    routes: [{ name: 'stock', match: { pathPrefix: '/stock' }, service: 'stock', expose }, ...many],
    public: { listen: { host: '127.0.0.1', port: 0 }, admin: { port: edgeAdmin }, drain: { grace: '0s' } },
    private: {
      listen: { host: '127.0.0.1', port: 0 },
      admin: { port: insideAdmin },
      drain: { grace: '0s' },
      callers: { tests: { from: ['127.0.0.1'] } },
    },
  });
}
