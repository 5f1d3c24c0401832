/** The dashboard in Chromium: it draws both gateways, follows them, is used by keyboard and on a phone, and takes names for text. */
import { createServer, type Server } from 'node:http';
import { expect } from 'chai';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { freePort, openBench } from './support/bench.ts';
import { onComplaint, startChromium } from './support/chromium.ts';
import { type Gateway, startGateway } from './support/gateway.ts';
import { faintTexts, namelessControls } from './support/seen.ts';
import { until } from './support/until.ts';

const ROUTES = 1_000;
const TOKEN = 'the-token-of-this-test';
const VIEWS = ['overview', 'routes', 'endpoints', 'limits', 'traffic', 'requests', 'changes'] as const;

describe('the dashboard in a browser', () => {
  const bench = openBench();
  let browser: Browser;
  let file: string;
  let edge: Gateway;
  let inside: Gateway;
  let stock: Server;
  /** Two of a service, by name, and how often each was asked. */
  const asked = new Map([
    ['a', 0],
    ['b', 0],
  ]);
  const twins = new Map<string, string>();
  let fails = false;
  let stored = 0;
  let complaints: string[] = [];

  before(async () => {
    const [edgeAdmin, insideAdmin, port] = [await freePort(), await freePort(), await freePort()];
    stock = createServer((req, res) => {
      if (req.url === '/stored') stored += 1;
      res.writeHead(fails ? 500 : 200, { 'cache-control': 'max-age=600' }).end('{}');
    });
    const at = await bench.listen(stock);
    for (const name of asked.keys()) {
      const twin = createServer((_req, res) => {
        asked.set(name, (asked.get(name) ?? 0) + 1);
        res.end();
      });
      twins.set(name, `127.0.0.1:${await bench.listen(twin)}`);
    }
    file = await bench.file('postern.yaml', configuration({ edgeAdmin, insideAdmin, stock: at, nobody: port }, [...twins.values()]));
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

  async function blank(options: BrowserContextOptions = {}): Promise<Page> {
    const page = await (await browser.newContext({ locale: 'en', viewport: { width: 1280, height: 800 }, ...options })).newPage();
    onComplaint(page, (complaint) => complaints.push(complaint));
    // A trial of a thousand routes, on a busy machine.
    page.setDefaultTimeout(60_000);
    return page;
  }

  const live = (page: Page) => page.locator('#connection', { hasText: 'Live' }).waitFor();

  async function open(options: BrowserContextOptions = {}, at = edge.admin, hash = ''): Promise<Page> {
    const page = await blank(options);
    await page.goto(`${at}/${hash}`);
    await live(page);
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
    await page.locator('#matches', { hasText: `${2 * (ROUTES + 3)} in all` }).waitFor();
    const table = page.getByRole('table', { name: 'Routes' });
    expect(await table.getAttribute('aria-rowcount')).to.equal(String(2 * (ROUTES + 3) + 1));
    expect(await table.locator('tbody tr').count()).to.be.below(100);
    await page.getByRole('searchbox').fill('route-77');
    await page.locator('#matches', { hasText: '22 match' }).waitFor();
    await page.getByRole('combobox', { name: 'Gateway' }).selectOption('private-gateway');
    await page.locator('#matches', { hasText: '11 match' }).waitFor();
    await page.getByRole('button', { name: 'route-770' }).click();
    await page.getByRole('dialog', { name: 'route-770' }).locator('dd', { hasText: '/r/770' }).waitFor();
  });

  describe('has buttons', () => {
    const status = async (at: Gateway, path: string) => (await fetch(`${at.url}${path}`)).status;

    /** Presses it, and says yes to what it would change, with the token where that is asked for. */
    async function press(page: Page, button: string, says: string): Promise<void> {
      await page.getByRole('button', { name: button }).click();
      const token = page.getByRole('dialog', { name: 'Token of the admin API' });
      const confirm = page.locator('#confirm');
      await page.locator('dialog.middle[open]').waitFor();
      if (await token.isVisible()) {
        await token.getByLabel('Token').fill(TOKEN);
        await token.getByRole('button', { name: 'Use it' }).click();
      }
      await confirm.filter({ hasText: says }).getByRole('button', { name: 'Apply' }).click();
      await page.locator('#said', { hasText: 'Done.' }).waitFor();
      // The browser tells of what was refused for want of the token.
      complaints = complaints.filter((complaint) => !complaint.includes('401'));
    }

    it('that force a circuit open: both gateways refuse, until it is let go', async () => {
      const page = await open();
      await circuit(page, 'public', 'twins').getByRole('button').click();
      await press(page, 'Force open', 'services.twins.circuitBreaker');
      await page.getByRole('dialog', { name: 'twins' }).locator('.state', { hasText: 'Forced open' }).first().waitFor();
      for (const at of [edge, inside]) await until('the circuit to be open', async () => (await status(at, '/twins')) === 503);
      await press(page, 'Automatic', 'services.twins');
      for (const at of [edge, inside]) await until('the circuit to be closed', async () => (await status(at, '/twins')) === 200);
      expect(await page.evaluate('Object.keys(localStorage).length'), 'the token is kept for the tab only').to.equal(0);
    });

    it('that drain an endpoint: it is asked no more, until it is let in again', async () => {
      const page = await open();
      await circuit(page, 'public', 'twins').getByRole('button').click();
      const row = page.getByRole('dialog', { name: 'twins' }).getByRole('row', { name: twins.get('a') ?? '' });
      await row.waitFor();
      await press(page, `Drain ${twins.get('a')}`, 'services.twins');
      await row.locator('text=Draining').waitFor();
      const before = asked.get('a');
      for (let request = 0; request < 20; request += 1) expect(await status(edge, '/twins')).to.equal(200);
      expect(asked.get('a')).to.equal(before);
      await press(page, `Undrain ${twins.get('a')}`, 'services.twins');
      await row.locator('text=Up').waitFor();
      await until('it to be asked', async () => (await status(edge, '/twins')) === 200 && asked.get('a') !== before);
    });

    it('that set a weight, and take a change back', async () => {
      const page = await open();
      await circuit(page, 'public', 'twins').getByRole('button').click();
      const row = page.getByRole('dialog', { name: 'twins' }).getByRole('row', { name: twins.get('b') ?? '' });
      await row.getByRole('button', { name: /^Weight of/ }).click();
      await row.getByRole('spinbutton').fill('7');
      await press(page, 'Set', 'services.twins');
      const weight = row.getByRole('button', { name: /: 7$/ });
      await weight.waitFor();
      expect(await page.evaluate('document.activeElement.title'), 'back where it was').to.equal('Set its weight');
      await page.keyboard.press('Escape');
      await page.keyboard.press('7');
      await page.getByRole('listitem').filter({ hasText: 'weight' }).first().getByRole('button', { name: 'Back to before' }).click();
      await page.locator('#confirm').getByRole('button', { name: 'Apply' }).click();
      await page.locator('#said', { hasText: 'Done.' }).waitFor();
      await page.keyboard.press('1');
      await circuit(page, 'public', 'twins').getByRole('button').click();
      await row.getByRole('button', { name: /: 1$/ }).waitFor();
    });

    it('that say who was faster, and change nothing then', async () => {
      const page = await open();
      await page.evaluate(`sessionStorage.setItem('postern-admin-token', '${TOKEN}')`);
      await page.route('**/services/**', (route) =>
        route.continue({ headers: { ...route.request().headers(), 'if-match': '"000000000000"' } }),
      );
      await circuit(page, 'public', 'twins').getByRole('button').click();
      await page.getByRole('button', { name: 'Force open' }).click();
      await page.locator('#said', { hasText: 'Somebody else changed the configuration first' }).waitFor();
      expect(await status(edge, '/twins')).to.equal(200);
      await page.locator('#said-close').click();
      await page.getByRole('dialog', { name: 'twins' }).waitFor();
      expect(await page.locator('#said').isVisible(), 'closed, with the dialog open').to.equal(false);
      complaints = complaints.filter((complaint) => !complaint.includes('412'));
    });

    it('that ask for the token until it is the right one', async () => {
      const page = await open({}, edge.admin, '#changes');
      await page.getByRole('button', { name: 'Reload the configuration' }).click();
      const token = page.getByRole('dialog', { name: 'Token of the admin API' });
      for (const [given, says] of [
        ['wrong-token-of-this-test', 'The gateway does not know this token.'],
        ['t\u00f6ken\u2026', 'This is no token'],
      ] as const) {
        await token.getByLabel('Token').fill(given);
        await token.getByRole('button', { name: 'Use it' }).click();
        await token.locator('.why', { hasText: says }).waitFor();
      }
      await token.getByLabel('Token').fill(TOKEN);
      await page.keyboard.press('Enter');
      await page.locator('#said', { hasText: 'Read again: nothing has changed.' }).waitFor();
      complaints = complaints.filter((complaint) => !complaint.includes('401'));
    });

    it('that take out what is stored, of a route and of all', async () => {
      const page = await open({}, edge.admin, '#routes');
      await page.evaluate(`sessionStorage.setItem('postern-admin-token', '${TOKEN}')`);
      const ask = async (times: number) => {
        await status(edge, '/stored');
        await status(edge, '/stored');
        expect(stored).to.equal(times);
      };
      await ask(1);
      await page.getByRole('searchbox').fill('stored');
      await page.getByRole('button', { name: 'stored' }).first().click();
      await page.getByRole('button', { name: 'Purge its cache' }).click();
      await page.locator('#said', { hasText: '1 stored answers of stored were taken out.' }).waitFor();
      await ask(2);
      await page.keyboard.press('Escape');
      await page.locator('dialog[open]').waitFor({ state: 'detached' });
      // A dialog tells that it has closed in a turn of its own; what was in it is taken out then. One that was hidden never comes back.
      await page.locator('#said', { hasText: '1 stored answers of stored were taken out.' }).waitFor();
      await page.evaluate(`location.hash = 'changes'`);
      await page.getByRole('button', { name: 'Purge the whole cache' }).click();
      await page.locator('#said', { hasText: '1 stored answers were taken out.' }).waitFor();
      await ask(3);
    });

    it('that say in red what would be opened by them, and open it only when told so', async () => {
      const headers = { authorization: `Bearer ${TOKEN}` };
      const etag = (await fetch(`${edge.admin}/routes/route-7`)).headers.get('etag') ?? '';
      const gone = await fetch(`${edge.admin}/routes/route-7`, { method: 'DELETE', headers: { ...headers, 'if-match': etag } });
      expect(gone.ok, await gone.text()).to.equal(true);
      await until('the route to be gone', async () => (await status(edge, '/r/7')) === 404);
      const page = await open({}, edge.admin, '#changes');
      await page.evaluate(`sessionStorage.setItem('postern-admin-token', '${TOKEN}')`);
      const back = page.getByRole('listitem').filter({ hasText: 'route-7' }).first().getByRole('button', { name: 'Back to before' });
      const warning = page.locator('#confirm .banner[data-state="bad"]', { hasText: '/r/7' });
      await back.click();
      await warning.waitFor();
      expect(await focused(page), 'the harmless one').to.equal('Cancel');
      for (let presses = 0; presses < 5; presses += 1) {
        await page.keyboard.press('Tab');
        expect(
          await page.evaluate('document.activeElement === document.body || Boolean(document.activeElement.closest("#confirm"))'),
        ).to.equal(true);
      }
      await page.keyboard.press('Escape');
      expect(await focused(page), 'back where it was').to.equal('Back to before');
      expect(await status(edge, '/r/7')).to.equal(404);
      await page.keyboard.press('Enter');
      await warning.waitFor();
      await page.getByRole('button', { name: 'Open it' }).click();
      await page.locator('#said', { hasText: 'Done.' }).waitFor();
      await until('the route to be back', async () => (await status(edge, '/r/7')) !== 404);
      await page.getByRole('listitem').filter({ hasText: 'route-7: added' }).first().waitFor();
      expect(await focused(page), 'though the list is another').to.equal('Back to before');
    });
  });

  it('tells what became of a request that was refused, and what would become of one', async () => {
    const refused = await fetch(`${edge.url}/nowhere`);
    expect(refused.status).to.equal(404);
    const id = refused.headers.get('x-request-id') ?? '';
    const page = await open({}, edge.admin, `#requests=${id}`);
    const story = page.locator('#request-story');
    await story.locator('.state', { hasText: '404 no-route' }).waitFor();
    await story.locator('ol.steps li', { hasText: 'route' }).first().waitFor();
    await page.getByRole('textbox', { name: 'Path or URL' }).fill('/stock/lamp');
    await page.getByRole('button', { name: 'Explain' }).click();
    await page.locator('#explain-story .state', { hasText: 'Let through' }).waitFor();
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
    for (let presses = 0; presses < 12 && !['stock', 'nobody', 'twins'].includes(await focused(page)); presses += 1)
      await page.keyboard.press('Tab');
    await page.keyboard.press('Home');
    const first = await focused(page);
    await page.keyboard.press('ArrowRight');
    const second = await focused(page);
    for (const name of [first, second]) expect(name).to.be.oneOf(['stock', 'nobody', 'twins']);
    expect(second).to.not.equal(first);
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

  describe('in a tab that nobody looks at', () => {
    const look = (page: Page, hidden: boolean) =>
      page.evaluate(`Object.defineProperty(document, 'hidden', { configurable: true, value: ${hidden} });
        document.dispatchEvent(new Event('visibilitychange'))`);
    const feeds = (page: Page) => {
      const told = { begun: 0, ended: 0 };
      page.on('request', (request) => (told.begun += Number(request.url().endsWith('/events'))));
      page.on('requestfailed', (request) => (told.ended += Number(request.url().endsWith('/events'))));
      return told;
    };

    it('holds no connection for long, and says that it is old until it follows again', async () => {
      const page = await blank();
      const told = feeds(page);
      await page.clock.install();
      await page.goto(edge.admin);
      await live(page);
      await look(page, true);
      await page.clock.fastForward(20_000);
      await until('the connection to be given back', () => told.ended === 1);
      let answer = () => {};
      const held = new Promise<void>((resolve) => {
        answer = resolve;
      });
      await page.route('**/events', (route) => held.then(() => route.continue()));
      await look(page, false);
      await page.locator('#connection', { hasText: 'Connecting' }).waitFor();
      expect(await page.locator('html').getAttribute('data-old')).to.equal('');
      answer();
      await live(page);
      expect(told.begun).to.equal(2);
    });

    it('waits for no answer for ever', async () => {
      const page = await blank();
      await page.clock.install();
      await page.route('**/events', () => {});
      await page.goto(edge.admin);
      await page.locator('#connection', { hasText: 'Connecting' }).waitFor();
      await page.clock.fastForward(10_000);
      await page.locator('#lost', { hasText: 'has said nothing since' }).waitFor();
    });

    it('asks for nothing before it is looked at', async () => {
      const page = await blank();
      const told = feeds(page);
      await page.addInitScript(`Object.defineProperty(document, 'hidden', { configurable: true, value: true })`);
      await page.goto(edge.admin, { waitUntil: 'networkidle' });
      expect(told.begun).to.equal(0);
      await look(page, false);
      await live(page);
    });
  });

  it('takes any address, and any clock of the browser', async () => {
    await fetch(`${edge.url}/nowhere`);
    const page = await blank();
    await page.clock.install({ time: Date.now() + 3_600_000 });
    await page.goto(`${edge.admin}/#%`);
    await live(page);
    await circuit(page, 'public', 'stock').waitFor();
    await page.evaluate(`location.hash = 'requests'`);
    expect(await page.locator('#lately-rows td').first().innerText()).to.match(/^\d+ s ago$/);
  });

  for (const colorScheme of ['light', 'dark'] as const)
    it(`is read by everybody, in the ${colorScheme}`, async () => {
      await fetch(`${edge.url}/nowhere`);
      const page = await open({ colorScheme, reducedMotion: 'reduce' });
      for (const view of VIEWS) {
        await page.evaluate(`location.hash = '${view}'`);
        await page.locator(`#view-${view}`).waitFor();
        expect(await faintTexts(page), view).to.deep.equal([]);
        expect(await namelessControls(page), view).to.deep.equal([]);
      }
      await page.evaluate(`location.hash = 'overview'`);
      await circuit(page, 'public', 'twins').getByRole('button').click();
      await page.getByRole('dialog', { name: 'twins' }).getByRole('row').nth(1).waitFor();
      expect(await faintTexts(page), 'the dialog').to.deep.equal([]);
      expect(await namelessControls(page), 'the dialog').to.deep.equal([]);
    });

  for (const colorScheme of ['light', 'dark'] as const)
    it(`fits a phone and a screen, in the ${colorScheme}`, async () => {
      await fetch(`${edge.url}/nowhere/${'long'.repeat(100)}`);
      for (const viewport of [
        { width: 320, height: 568 },
        { width: 360, height: 640 },
        // A screen at 200 %.
        { width: 640, height: 400 },
        { width: 1280, height: 800 },
      ]) {
        const page = await open({ colorScheme, viewport });
        for (const view of VIEWS) {
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

function configuration(ports: Record<'edgeAdmin' | 'insideAdmin' | 'stock' | 'nobody', number>, twins: readonly string[]): string {
  const { edgeAdmin, insideAdmin, stock, nobody } = ports;
  const expose = { public: { access: 'anonymous' }, private: { callers: ['tests'] } };
  const many = Array.from({ length: ROUTES }, (_, at) => ({ name: `route-${at}`, match: { path: `/r/${at}` }, service: 'nobody', expose }));
  const section = (port: number) => ({
    listen: { host: '127.0.0.1', port: 0 },
    admin: { port, token: TOKEN },
    drain: { grace: '0s' },
    // How busy the machine of the tests is must not decide what they see.
    overload: { eventLoopDelay: '10s' },
  });
  return JSON.stringify(
    {
      services: {
        stock: { endpoints: [`http://127.0.0.1:${stock}`] },
        twins: { endpoints: twins.map((host) => ({ url: `http://${host}`, weight: 1 })), balancer: 'roundRobin' },
        nobody: { endpoints: [`http://127.0.0.1:${nobody}`] },
      },
      routes: [
        { name: 'stock', match: { pathPrefix: '/stock' }, service: 'stock', expose },
        { name: 'twins', match: { path: '/twins' }, service: 'twins', expose },
        { name: 'stored', match: { path: '/stored' }, service: 'stock', cache: {}, expose },
        ...many,
      ],
      public: section(edgeAdmin),
      private: { ...section(insideAdmin), callers: { tests: { from: ['127.0.0.1'] } } },
    },
    null,
    1,
  );
}
