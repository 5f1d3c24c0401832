import { expect } from 'chai';
import { open as connect, until } from '../support/client.ts';
import { open } from '../support/gateways.ts';
import { ask } from './support/ask.ts';
import { counting, give } from './support/counting.ts';
import { eventually } from './support/eventually.ts';
import { scrape } from './support/prometheus.ts';
import { serversOfThisSuite } from './support/servers.ts';

const KiB = 1024;

describe('what is stored stays within bounds', () => {
  const servers = serversOfThisSuite();
  const storeOf = async ({ admin }: { admin: string }) => {
    const scraped = await scrape(admin);
    const of = (name: string) => scraped.named(`gateway_cache_${name}`)[0]?.value ?? Number.NaN;
    return { entries: of('entries'), bytes: of('size_bytes'), evictions: of('evictions_total') };
  };
  const bounded = (url: string, memory: string, cache: object = {}) =>
    servers.public(open(url, { route: { cache }, public: { cache: { memory } } }));

  it('with many targets, and many variants of one', async () => {
    const service = await counting(servers, { 'Cache-Control': 'max-age=60', Vary: 'x-plan' });
    const gateway = await bounded(service.url, '64KiB');
    for (let at = 0; at < 60; at += 1) {
      await ask(gateway.port, `/${at}`);
      await ask(gateway.port, '/one', { headers: { 'x-plan': String(at) } });
    }
    const { entries, bytes, evictions } = await storeOf(gateway);
    expect(bytes).to.be.within(32 * KiB, 64 * KiB);
    expect(entries + evictions).to.equal(120);
    expect((await ask(gateway.port, '/59')).header('cache-status')).to.match(/; hit; /);
  });

  it('with large bodies, which pass whole all the same', async () => {
    const service = await counting(servers);
    service.answer = (req, res) => {
      const size = Number(req.url?.slice(1));
      res.writeHead(200, { 'Cache-Control': 'max-age=60', ...(req.headers['x-length'] ? { 'Content-Length': size } : {}) });
      res.end(Buffer.alloc(size, 'x'));
    };
    const gateway = await bounded(service.url, '1MiB', { maxBody: '64KiB' });
    const get = async (size: number, told: boolean) => {
      const answer = await fetch(`${gateway.url}/${size}`, { headers: told ? { 'x-length': 'yes' } : {} });
      return [(await answer.arrayBuffer()).byteLength, answer.headers.get('cache-status')?.split('; ').at(-1)];
    };
    const [fits, over] = [64 * KiB, 64 * KiB + 1];
    expect(await get(over, true)).to.deep.equal([over, 'detail=size']);
    expect(await get(over, false)).to.deep.equal([over, 'stored']);
    expect((await storeOf(gateway)).entries).to.equal(0);
    expect(await get(fits, true)).to.deep.equal([fits, 'stored']);
    expect((await storeOf(gateway)).entries).to.equal(1);
    expect((await get(fits, true))[1]).to.match(/^ttl=/);
  });

  it('with many answers on their way in at once, and gets all of it back', async () => {
    const held: (() => void)[] = [];
    const service = await counting(servers);
    service.answer = (_, res) => {
      res.writeHead(200, { 'Cache-Control': 'max-age=60' }).write(Buffer.alloc(45 * KiB, 'x'));
      held.push(() => res.end('.'));
    };
    const gateway = await bounded(service.url, '1MiB');
    const clients = await Promise.all(
      Array.from({ length: 20 }, async (_, at) => {
        const socket = await connect(gateway.port);
        socket.write(`GET /${at} HTTP/1.1\r\nHost: shop.example\r\n\r\n`);
        await until(socket, (received) => received.length > 45 * KiB);
        return socket;
      }),
    );
    const { bytes } = await storeOf(gateway);
    expect(bytes).to.be.within(200 * KiB, 256 * KiB);
    for (const finish of held) finish();
    const rest = await eventually(
      () => storeOf(gateway),
      ({ entries }) => entries === 5,
    );
    expect(rest.bytes).to.be.below(5 * 54 * KiB);
    for (const client of clients) client.destroy();
  });

  it('and a client that leaves takes along what was on its way', async () => {
    const service = await counting(servers);
    service.answer = (_, res) => void res.writeHead(200, { 'Cache-Control': 'max-age=60' }).write(Buffer.alloc(50 * KiB, 'x'));
    const gateway = await bounded(service.url, '1MiB');
    const client = await connect(gateway.port);
    client.write('GET / HTTP/1.1\r\nHost: shop.example\r\n\r\n');
    await until(client, (received) => received.length > 50 * KiB);
    expect((await storeOf(gateway)).bytes).to.be.greaterThan(49 * KiB);
    client.destroy();
    await eventually(
      () => storeOf(gateway),
      ({ bytes }) => bytes === 0,
    );
    service.answer = (_, res) => give(res, { 'Cache-Control': 'max-age=60' }, 'whole');
    expect((await ask(gateway.port)).body).to.equal('whole');
  });
});
