/** A page in Chromium calls the public gateway from another origin: CORS with credentials, a token, and a WebSocket by cookie. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { type Browser, chromium, type Page } from 'playwright-core';
import { freePort, openBench } from './support/bench.ts';
import { type Chat, startChat } from './support/chat.ts';
import { type Gateway, startGateway } from './support/gateway.ts';
import { startIssuer } from './support/issuer.ts';
import { type Lighttpd, startLighttpd } from './support/lighttpd.ts';
import { type Answer, startShop } from './support/shop.ts';

describe('a page in a browser and the public gateway', () => {
  const bench = openBench();
  let chat: Chat;
  let stock: Lighttpd;
  let gateway: Gateway;
  let browser: Browser;
  let shop: Page;
  let api: string;
  let origin: string;

  before(async () => {
    const issuer = await startIssuer(bench);
    chat = await startChat(bench);
    const port = await freePort();
    const shelf = await bench.directory();
    await writeFile(join(shelf, 'stock.json'), '{ "left": 7 }');
    stock = await startLighttpd(bench, port, [], `server.document-root := ${JSON.stringify(shelf)}`);
    origin = `http://shop.example.test:${await startShop(bench, issuer, 'example.test')}`;
    const file = await bench.file(
      'postern.yaml',
      `
services:
  stock: { endpoints: ['http://127.0.0.1:${port}'] }
  chat: { endpoints: ['${chat.url}'] }
routes:
  - name: stock
    match: { path: /stock.json, methods: [GET, PUT] }
    service: stock
    expose: { public: { scopes: [shop] } }
  - name: chat
    match: { path: /chat }
    service: chat
    upgrade: [websocket]
    expose: { public: { scopes: [shop] } }
public:
  listen: { host: 127.0.0.1, port: 0 }
  jwt: ${JSON.stringify({ ...issuer.jwt, from: ['bearer', { cookie: 'session' }] })}
  rateLimit: 100000/s
  cors: { origins: ['${origin}'], credentials: true, maxAge: 10m }
  admin: { host: 127.0.0.1, port: 0 }
`,
    );
    gateway = await startGateway(bench, 'public-gateway', file);
    api = `http://api.example.test:${new URL(gateway.url).port}`;
    browser = await startBrowser();
    bench.undo(() => browser.close());
    shop = await open(origin);
  });
  after(() => bench.clear());

  async function open(address: string): Promise<Page> {
    const page = await (await browser.newContext()).newPage();
    await page.goto(address);
    return page;
  }

  function call(page: Page, init: object = {}): Promise<Answer> {
    return page.evaluate<Answer>(`call('${api}/stock.json', ${JSON.stringify(init)})`);
  }

  function talk(page: Page, message: string): Promise<string> {
    return page.evaluate<string>(`chat('${api.replace('http', 'ws')}/chat', ${JSON.stringify(message)})`);
  }

  it('reads the refusal when it has not logged in', async () => {
    const answer = await call(shop);
    expect(answer.status).to.equal(401);
    expect(answer.type).to.contain('application/problem+json');
    expect(JSON.parse(answer.body)).to.include({ status: 401, code: 'unauthenticated' });
  });

  it('opens no WebSocket when it has not logged in', async () => {
    expect(await talk(shop, 'hello')).to.equal('closed 1006');
    expect(chat.opened()).to.equal(0);
  });

  it('reads an answer with its token, after a preflight that needed none', async () => {
    await shop.evaluate('logIn()');
    expect(await call(shop)).to.deep.include({ status: 200, body: '{ "left": 7 }' });
    expect(stock.requests().filter((line) => line.startsWith('OPTIONS'))).to.be.empty;
  });

  it('reads what the service itself refuses', async () => {
    expect((await call(shop, { method: 'PUT', body: '{}', headers: { 'content-type': 'application/json' } })).status).to.equal(501);
  });

  it('is known by its cookie alone', async () => {
    await shop.reload();
    expect(await call(shop)).to.deep.include({ status: 200 });
  });

  it('talks over a WebSocket, known by its cookie', async () => {
    expect(await talk(shop, 'grüß dich')).to.equal('grüß dich');
    expect(chat.opened()).to.equal(1);
  });

  it('shows nothing to a page of an origin that is not allowed', async () => {
    const stranger = await open(origin.replace('shop.', 'stranger.'));
    await stranger.evaluate('logIn()');
    expect(await call(stranger)).to.deep.include({ status: 0 });
  });
});

/** Debian's Chromium, which takes every name under example.test for this machine and asks the network for nothing. */
function startBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-proxy-server',
      '--host-resolver-rules=MAP *.example.test 127.0.0.1',
    ],
  });
}
