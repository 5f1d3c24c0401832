/** The registry's page in Chromium: it shows who is registered, follows it, and takes names from strangers for what they are: text. */
import { request } from 'node:http';
import { expect } from 'chai';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { freePort, openBench } from './support/bench.ts';
import { onComplaint, startChromium } from './support/chromium.ts';
import { type Gateway, startGateway } from './support/gateway.ts';
import { configuration, type Registry, registryAt } from './support/registry.ts';
import { until } from './support/until.ts';

describe('the page of the registry in a browser', () => {
  const bench = openBench();
  let browser: Browser;
  let file: string;
  let gateway: Gateway;
  let registry: Registry;
  let complaints: string[] = [];

  before(async () => {
    const port = await freePort();
    registry = registryAt(port);
    file = await bench.file('postern.yaml', configuration(port));
    gateway = await startGateway(bench, 'private-gateway', file);
    browser = await startChromium(bench);
  });
  after(() => bench.clear());

  beforeEach(() => {
    complaints = [];
  });
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
    await registry.replicate(await registry.everybody(), 'Cancel');
    expect(complaints).to.deep.equal([]);
  });

  async function open(options: BrowserContextOptions = {}): Promise<Page> {
    const page = await (await browser.newContext({ locale: 'en', viewport: { width: 1280, height: 800 }, ...options })).newPage();
    onComplaint(page, (complaint) => complaints.push(complaint));
    await page.goto(registry.home);
    await connected(page, 'Live');
    return page;
  }

  const connected = (page: Page, state: string) => page.locator('#connection', { hasText: state }).waitFor();
  const application = (page: Page, name: string) => page.locator('tr.application', { hasText: name });
  const instance = (page: Page, id: string) => page.locator('tr.instance', { hasText: id });

  it('draws what is registered, with where it is and how it is', async () => {
    await registry.register({
      app: 'ORDERS',
      id: 'orders-1',
      metadata: { zone: 'eu-1a' },
      statusPageUrl: 'http://orders.internal:8080/info',
    });
    const page = await open();
    const row = instance(page, 'orders-1');
    await row.waitFor();
    expect(await row.locator('.address').innerText()).to.equal('orders.internal:8080');
    expect(await row.locator('.status').innerText()).to.equal('Up');
    expect(await row.locator('.zone').innerText()).to.equal('eu-1a');
    expect(await row.locator('.lease').innerText()).to.match(/^\d+ s left$/);
    const link = row.locator('a');
    expect([await link.getAttribute('href'), await link.getAttribute('rel')]).to.deep.equal([
      'http://orders.internal:8080/info',
      'noreferrer noopener',
    ]);
    expect(await page.locator('#instances').innerText()).to.equal('1');
    expect(await page.locator('#eviction').innerText()).to.equal('On');
    expect(await page.locator('#warning').innerText()).to.equal('');
  });

  it('follows who comes, is taken out of traffic, and goes', async () => {
    const page = await open();
    await page.evaluate('globalThis.loaded = true');
    await registry.register({ app: 'ORDERS', id: 'orders-1' });
    await instance(page, 'orders-1').locator('text=Up').waitFor();
    await registry.call('PUT', '/apps/ORDERS/orders-1/status?value=OUT_OF_SERVICE');
    await instance(page, 'orders-1').locator('text=Out of service').waitFor();
    expect(await instance(page, 'orders-1').locator('.override').innerText()).to.equal('overridden');
    expect(await application(page, 'ORDERS').locator('.status').innerText()).to.equal('1 out of service');
    await registry.call('DELETE', '/apps/ORDERS/orders-1');
    await page.locator('text=Nothing is registered yet').waitFor();
    expect(await page.locator('#rows tr:not(.gap)').count()).to.equal(0);
    expect(await page.evaluate('globalThis.loaded'), 'without being loaded again').to.equal(true);
  });

  it('shows strange names and metadata as the text they are, and links nowhere else than to the web', async () => {
    const script = '<script>alert(1)</script>';
    const image = '<img src=x onerror=alert(1)>';
    await registry.register({
      app: 'EVIL',
      id: script,
      hostName: image,
      statusPageUrl: 'javascript:alert(1)',
      homePageUrl: 'https://evil.example/"><b>',
      metadata: { [image]: script, zone: image, __proto__x: '1' },
    });
    const page = await open();
    await instance(page, script).getByRole('button').click();
    const dialog = page.getByRole('dialog');
    expect(await dialog.getByRole('heading', { level: 2 }).innerText()).to.equal(script);
    expect(await dialog.innerText())
      .to.contain(image)
      .and.to.contain('javascript:alert(1)');
    expect(await page.locator('#contents img, #contents b, dialog img, dialog script, #contents script').count()).to.equal(0);
    const links = await page.locator('#rows a, dialog a').evaluateAll((all) => all.map((link) => link.getAttribute('href')));
    expect(links).to.deep.equal(['https://evil.example/%22%3E%3Cb%3E']);
  });

  it('warns while too few heartbeats come for anybody to be evicted', async () => {
    const leaseInfo = { renewalIntervalInSecs: 1, durationInSecs: 90 };
    const silent = Array.from({ length: 12 }, (_, at) => ({ app: 'SILENT', id: `silent-${at}`, leaseInfo }));
    await registry.replicate(silent, 'Register');
    await registry.replicate(silent, 'Heartbeat');
    const page = await open();
    const warning = page.getByRole('alert').filter({ hasText: 'renewals are below the threshold' });
    await warning.waitFor();
    expect(await warning.innerText())
      .to.contain('At 612 or fewer')
      .and.to.contain('evicts nobody');
    expect(await page.locator('#eviction').innerText()).to.equal('Paused');
    await registry.replicate(silent, 'Cancel');
    await page.locator('#eviction', { hasText: 'On' }).waitFor();
    expect(await page.getByRole('alert').innerText()).to.equal('');
  });

  it('draws ten thousand instances, of which few are in the document', async () => {
    const many = Array.from({ length: 10_000 }, (_, at) => ({ app: `APP-${at % 500}`, id: `app-${at % 500}-${Math.floor(at / 500)}` }));
    await registry.replicate(many, 'Register');
    const page = await open();
    await page.locator('#instances', { hasText: /^10\s000$/ }).waitFor();
    expect(await page.locator('#applications').innerText()).to.equal('500');
    expect(await page.locator('tr.instance').count(), 'they are closed').to.equal(0);
    await page.getByRole('button', { name: 'Open all' }).click();
    expect(await page.getByRole('table', { name: 'Applications' }).getAttribute('aria-rowcount')).to.equal('10501');
    await page.evaluate('scrollTo(0, document.documentElement.scrollHeight)');
    const last = instance(page, 'app-499-19');
    await last.waitFor();
    expect(await last.getAttribute('aria-rowindex')).to.equal('10501');
    expect(await page.locator('#rows tr').count()).to.be.below(100);
    await page.getByRole('searchbox').fill('app-77-1');
    await until('the filter', async () => (await page.locator('#matches').innerText()).startsWith('11 of'));
    expect(await page.locator('tr.instance').count()).to.equal(11);
  });

  it('is used with the keyboard alone', async () => {
    await registry.register({ app: 'ORDERS', id: 'orders-1' });
    await registry.register({ app: 'USERS', id: 'users-1' });
    const page = await open();
    await instance(page, 'users-1').waitFor();
    const focused = () => page.evaluate<string>('document.activeElement.innerText || document.activeElement.id');
    await page.keyboard.press('Tab');
    expect(await focused()).to.equal('filter');
    await page.keyboard.type('users');
    await instance(page, 'orders-1').waitFor({ state: 'detached' });
    for (let presses = 0; presses < 10 && (await focused()) !== 'USERS'; presses += 1) await page.keyboard.press('Tab');
    expect(await focused()).to.equal('USERS');
    const opener = application(page, 'USERS').getByRole('button', { expanded: true });
    await opener.waitFor();
    await page.keyboard.press('Enter');
    await instance(page, 'users-1').waitFor({ state: 'detached' });
    await page.keyboard.press('Enter');
    await instance(page, 'users-1').waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'users-1' }).waitFor();
    await page.keyboard.press('Escape');
    expect(await focused(), 'back where it was').to.equal('users-1');
    await page.keyboard.press('/');
    expect(await focused()).to.equal('filter');
  });

  for (const colorScheme of ['light', 'dark'] as const)
    it(`fits a phone and a screen, in the ${colorScheme}`, async () => {
      const long = 'x'.repeat(200);
      await registry.register({ app: long, id: long, hostName: long, metadata: { zone: long } });
      for (const viewport of [
        { width: 320, height: 640 },
        { width: 1280, height: 800 },
      ]) {
        const page = await open({ colorScheme, viewport });
        await instance(page, long).waitFor();
        expect(await page.evaluate('document.documentElement.scrollWidth')).to.be.at.most(viewport.width);
        const [, ...ground] = /(\d+), (\d+), (\d+)/.exec(await page.evaluate('getComputedStyle(document.body).backgroundColor')) ?? [];
        expect(ground.every((part) => Number(part) > 127)).to.equal(colorScheme === 'light');
        await instance(page, long).getByRole('button').click();
        const dialog = page.getByRole('dialog');
        expect(await dialog.evaluate((it) => it.scrollWidth - it.clientWidth), 'the dialog').to.equal(0);
      }
    });

  it('leads to a plain table where no scripts run', async () => {
    await registry.register({ app: 'ORDERS', id: 'orders-1' });
    const page = await (await browser.newContext({ javaScriptEnabled: false })).newPage();
    await page.goto(registry.home);
    await page.getByRole('link', { name: 'a plain table' }).click();
    expect(await page.getByRole('row', { name: 'orders-1' }).innerText()).to.match(/ORDERS\s+orders\.internal:8080\s+UP/);
  });

  it('asks where no more readers may follow, and sees the same', async () => {
    const readers = Array.from({ length: 64 }, () => request(`${registry.home}/eureka/events`).on('error', () => {}));
    bench.undo(() => readers.map((reader) => reader.destroy()));
    await Promise.all(readers.map((reader) => new Promise((resolve) => reader.once('response', resolve).end())));
    const page = await (await browser.newContext({ locale: 'en' })).newPage();
    await page.goto(registry.home);
    await connected(page, 'Asking every 5 s');
    await registry.register({ app: 'ORDERS', id: 'orders-1' });
    await instance(page, 'orders-1').waitFor();
    for (const reader of readers) reader.destroy();
  });

  it('waits with a registry that waits for its peers, and tells which of them fails', async () => {
    const [port, nobody] = [await freePort(), await freePort()];
    const peer = `http://127.0.0.1:${nobody}/eureka`;
    const waiting = await bench.file('postern.yaml', configuration(port, `, peers: ['${peer}'], waitWhenEmpty: 4s`));
    const lonely = await startGateway(bench, 'private-gateway', waiting);
    const other = registryAt(port);
    const page = await (await browser.newContext({ locale: 'en' })).newPage();
    await page.goto(other.home);
    await connected(page, 'Waits for its peers');
    await connected(page, 'Live');
    await other.register({ app: 'ORDERS', id: 'orders-1' });
    await instance(page, 'orders-1').waitFor();
    const row = page.getByRole('row', { name: peer });
    await row.filter({ hasText: 'Failing since' }).waitFor();
    expect(await row.locator('td').nth(1).innerText(), 'changes that wait').to.equal('1');
    await lonely.stop();
  });

  it('says that it is disconnected, and follows again by itself', async () => {
    await registry.register({ app: 'ORDERS', id: 'orders-1' });
    const page = await open();
    await instance(page, 'orders-1').waitFor();
    await gateway.stop();
    await connected(page, 'Disconnected since');
    expect(await page.title()).to.match(/^Disconnected/);
    gateway = await startGateway(bench, 'private-gateway', file);
    await registry.register({ app: 'USERS', id: 'users-1' });
    await instance(page, 'users-1').waitFor();
    await connected(page, 'Live');
    expect(await instance(page, 'orders-1').count(), 'who did not come back').to.equal(0);
    // The browser tells of what it could not load meanwhile.
    complaints = complaints.filter((complaint) => !complaint.includes('net::ERR_'));
  });
});
