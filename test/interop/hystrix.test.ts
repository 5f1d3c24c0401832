/** Hystrix's own dashboard and Netflix's Turbine read both gateways' streams as they read those of Java services. */
import { createServer } from 'node:http';
import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { type Aggregate, startDashboard, startTurbine, type Turbine } from './hystrix/programs.ts';
import { openBench } from './support/bench.ts';
import { startChromium } from './support/chromium.ts';
import { type Gateway, startGateway } from './support/gateway.ts';
import { until } from './support/until.ts';

describe('the Hystrix streams of both gateways', () => {
  const bench = openBench();
  let publicGateway: Gateway;
  let privateGateway: Gateway;
  let turbine: Turbine;

  before(async () => {
    const port = await bench.listen(createServer((req, res) => res.writeHead(Number(req.url?.slice(-3))).end()));
    const file = await bench.file(
      'postern.yaml',
      `
services:
  stock:
    endpoints: ['http://127.0.0.1:${port}']
    retry: { attempts: 0 }
    circuitBreaker: { requestVolume: 5, window: 60s, sleepWindow: 60s }
    concurrency: { limit: 40 }
  prices: { endpoints: ['http://127.0.0.1:${port}'] }
routes:
  - name: stock
    match: { pathPrefix: /stock }
    service: stock
    expose: { public: { access: anonymous }, private: { callers: [shop] } }
  - name: prices
    match: { pathPrefix: /prices }
    service: prices
    expose: { public: { access: anonymous } }
public:
  listen: { host: 127.0.0.1, port: 0 }
  rateLimit: 100000/s
  drain: { grace: 1ms }
  admin: { host: 127.0.0.1, port: 0 }
private:
  listen: { host: 127.0.0.1, port: 0 }
  callers: { shop: { from: [127.0.0.1] } }
  drain: { grace: 1ms }
  admin: { host: 127.0.0.1, port: 0 }
`,
    );
    publicGateway = await startGateway(bench, 'public-gateway', file);
    privateGateway = await startGateway(bench, 'private-gateway', file);
    turbine = await startTurbine(
      bench,
      [publicGateway, privateGateway].map(({ admin }) => `${admin}/hystrix.stream`),
    );
  });
  after(() => bench.clear());

  /** Asks the service behind a gateway for each status in turn. */
  async function call(gateway: Gateway, service: string, ...statuses: number[]): Promise<number[]> {
    const answers: number[] = [];
    for (const status of statuses) answers.push((await fetch(`${gateway.url}/${service}/${status}`)).status);
    return answers;
  }

  /** Turbine's sum over both gateways, once it is so. */
  function sum(type: 'HystrixCommand' | 'HystrixThreadPool', name: string, expected: Aggregate): Promise<Aggregate> {
    const differs = (aggregate: Aggregate) => Object.keys(expected).some((key) => show(aggregate[key]) !== show(expected[key]));
    return until(`Turbine to say ${show(expected)} of ${name}`, () => {
      const aggregate = turbine.latest(type, name);
      return aggregate && !differs(aggregate) && aggregate;
    }).catch((error: Error) => {
      throw new Error(`${error.message}; it says ${show(turbine.latest(type, name))}`);
    });
  }

  it('Turbine adds up what both count of one service, and keeps apart what only one calls', async () => {
    expect(await call(publicGateway, 'stock', 200, 200, 200, 404)).to.deep.equal([200, 200, 200, 404]);
    expect(await call(privateGateway, 'stock', 200, 200)).to.deep.equal([200, 200]);
    expect(await call(publicGateway, 'prices', 200)).to.deep.equal([200]);
    const stock = await sum('HystrixCommand', 'stock', {
      reportingHosts: 2,
      rollingCountSuccess: 5,
      rollingCountBadRequests: 1,
      rollingCountFailure: 0,
      requestCount: 5,
      errorCount: 0,
      isCircuitBreakerOpen: false,
    });
    expect(stock).to.include({ propertyValue_executionIsolationStrategy: 'SEMAPHORE', threadPool: 'stock' });
    expect(stock['group']).to.deep.equal({ 'private-gateway': 1, 'public-gateway': 1 });
    await sum('HystrixCommand', 'prices', { reportingHosts: 1, rollingCountSuccess: 1, group: 'public-gateway' });
  });

  it('Turbine adds up the bulkheads', async () => {
    await sum('HystrixThreadPool', 'stock', {
      reportingHosts: 2,
      currentPoolSize: 80,
      currentCompletedTaskCount: 6,
      currentActiveCount: 0,
    });
  });

  it('Turbine tells that the circuit of one of the two is open', async () => {
    expect(await call(publicGateway, 'stock', 500, 500, 500, 200)).to.deep.equal([500, 500, 500, 503]);
    await sum('HystrixCommand', 'stock', {
      isCircuitBreakerOpen: { false: 1, true: 1 },
      rollingCountFailure: 3,
      rollingCountShortCircuited: 1,
      requestCount: 8,
      errorCount: 3,
    });
    expect(await call(privateGateway, 'stock', 200)).to.deep.equal([200]);
  });

  describe('in the dashboard', () => {
    let open: (stream: string) => Promise<Page>;

    before(async () => {
      const page = await startDashboard(bench);
      const browser = await startChromium(bench);
      open = async (stream) => {
        const shown = await browser.newPage();
        // Two functions of a library that it takes from a public server, which no test asks.
        await shown.route('**/underscore-min.js', (route) =>
          route.fulfill({ body: '_ = { map: (list, each) => list.map(each), reduce: (list, each, first) => list.reduce(each, first) }' }),
        );
        // On a busy machine its proxy now and then passes nothing on: then a person, too, loads the page again.
        for (let tries = 1; ; tries += 1) {
          await shown.goto(page(stream));
          const first = shown.locator('.monitor_data').first();
          const appeared = await first.waitFor({ timeout: 15_000 }).then(
            () => true,
            () => false,
          );
          if (appeared || tries === 3) return shown;
        }
      };
    });

    /** What a circuit or a pool shows, once it shows what is expected; white space as one space. */
    async function shows(page: Page, id: string, expected: RegExp): Promise<void> {
      let text = '';
      await until(`${id} to show ${expected}`, async () => {
        const element = page.locator(`[id="${id}_0"] .monitor_data`);
        text = (await element.count()) > 0 ? (await element.innerText()).replace(/\s+/g, ' ') : '';
        return expected.test(text);
      }).catch((error: Error) => {
        throw new Error(`${error.message}; it shows ${text}`);
      });
    }

    it('a gateway has its circuits, open and closed, and its pools', async () => {
      const page = await open(`${publicGateway.admin}/hystrix.stream`);
      await shows(page, 'CIRCUIT_stock', /50\.0 %.* Circuit Open Hosts 1 /);
      await shows(page, 'CIRCUIT_prices', /0\.0 %.* Circuit Closed Hosts 1 /);
      await shows(page, 'THREAD_POOL_stock', /Active 0 .* Pool Size 40 Queue Size 0/);
    });

    it('Turbine has both gateways as a cluster of two', async () => {
      // How many of two circuits are open, this release of the dashboard cannot read from this release of Turbine.
      await shows(await open(turbine.url), 'CIRCUIT_stock', /25\.0 %.* Hosts 2 /);
    });
  });
});

function show(value: unknown): string {
  return JSON.stringify(value);
}
