import { expect } from 'chai';
import type { Client } from '../../../core/context.ts';
import { clientAddress } from '../../../core/middleware/client-address.ts';
import { aContext, noNext } from './a-context.ts';

const proxy = '10.0.0.1';

async function clientOf(headers: Record<string, string>, from = proxy, encrypted = false): Promise<Client> {
  const ctx = aContext({ headers: { host: 'shop.example', ...headers }, from, encrypted });
  await clientAddress(['10.0.0.0/8', 'fd00::/8'])(ctx, noNext);
  return ctx.state.client;
}

describe('clientAddress', () => {
  it('a stranger is whoever holds the connection, whatever he says', async () => {
    const said = {
      'x-forwarded-for': '1.1.1.1',
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'evil',
      forwarded: 'for=1.1.1.1;host=evil',
    };
    expect(await clientOf(said, '192.0.2.1')).to.deep.equal({
      address: '192.0.2.1',
      peer: '192.0.2.1',
      trusted: false,
      scheme: 'http',
      host: 'shop.example',
    });
  });

  it('over TLS the scheme is https', async () => {
    expect((await clientOf({}, '192.0.2.1', true)).scheme).to.equal('https');
  });

  it('an IPv4 peer of an IPv6 socket is trusted as what it is', async () => {
    expect(await clientOf({ 'x-forwarded-for': '1.1.1.1' }, '::ffff:10.0.0.1')).to.include({
      peer: proxy,
      address: '1.1.1.1',
      trusted: true,
    });
  });

  it('a trusted proxy names the client, its scheme and its host, in either field', async () => {
    const legacy = { 'x-forwarded-for': '1.1.1.1', 'x-forwarded-proto': 'https', 'x-forwarded-host': 'a.example' };
    const standard = { forwarded: 'for=1.1.1.1;proto=https;host=a.example' };
    for (const said of [legacy, standard, { ...legacy, ...standard }])
      expect(await clientOf(said)).to.include({ address: '1.1.1.1', scheme: 'https', host: 'a.example', peer: proxy });
  });

  it('the client is the first from here that is not one of ours', async () => {
    expect((await clientOf({ 'x-forwarded-for': '6.6.6.6, 1.1.1.1, 10.0.0.9' })).address).to.equal('1.1.1.1');
    expect((await clientOf({ forwarded: 'for=6.6.6.6, for="[2001:db8::1]:1", for="[fd00::2]"' })).address).to.equal('2001:db8::1');
    expect((await clientOf({ 'x-forwarded-for': '10.0.0.8, 10.0.0.9' })).address).to.equal('10.0.0.8');
  });

  it('beyond a hop without an address nobody is believed', async () => {
    expect((await clientOf({ 'x-forwarded-for': '1.1.1.1, unknown, 10.0.0.9' })).address).to.equal('10.0.0.9');
    expect((await clientOf({ 'x-forwarded-for': 'unknown' })).address).to.equal(proxy);
    expect((await clientOf({ forwarded: 'for=_hidden' })).address).to.equal(proxy);
  });

  it('when the two fields name two clients, the request is refused', async () => {
    const forwarded = 'for=2.2.2.2;proto=https';
    for (const said of ['1.1.1.1', 'unknown', '2.2.2.2, 1.1.1.1', '1.1.1.1, 10.0.0.9'])
      expect(await clientOf({ 'x-forwarded-for': said, forwarded }), said).to.include({
        contradictory: true,
        address: proxy,
        scheme: 'http',
      });
    // Though both name the same proxy of ours last.
    const beyond = { 'x-forwarded-for': '1.1.1.1, 10.0.0.9', forwarded: 'for=2.2.2.2, for=10.0.0.9' };
    expect(await clientOf(beyond)).to.include({ contradictory: true });
    expect(await clientOf({ 'x-forwarded-for': '2.2.2.2, 10.0.0.9', forwarded: 'for=2.2.2.2' })).to.include({
      address: '2.2.2.2',
      forwarded: 'for=2.2.2.2',
    });
  });

  it('when they name two hosts or schemes, too', async () => {
    const legacy = { 'x-forwarded-for': '1.1.1.1', 'x-forwarded-proto': 'https', 'x-forwarded-host': 'a.example' };
    for (const rest of ['proto=http', 'host=b.example', 'proto=https;host=b.example'])
      expect(await clientOf({ ...legacy, forwarded: `for=1.1.1.1;${rest}` }), rest).to.include({ contradictory: true });
    expect(await clientOf({ ...legacy, forwarded: 'for=1.1.1.1;proto=HTTPS;host=A.example' })).to.not.have.property('contradictory');
  });

  it('a client that names itself truly in Forwarded is not believed the rest of it, where the proxy writes the other', async () => {
    const forwarded = 'for=1.1.1.1;host=inner.test;proto=https';
    const client = await clientOf({ 'x-forwarded-for': '1.1.1.1', forwarded });
    expect(client).to.include({ address: '1.1.1.1', scheme: 'http', host: 'shop.example' });
    expect(client).to.not.have.property('forwarded');
    const one = await clientOf({ 'x-forwarded-for': '1.1.1.1', 'x-forwarded-proto': 'https', forwarded });
    expect(one).to.include({ scheme: 'https', host: 'shop.example' }).and.not.have.property('forwarded');
  });

  it('nor the X-Forwarded-* of its own, where the proxy writes Forwarded', async () => {
    const lies = { 'x-forwarded-host': 'inner.test', 'x-forwarded-proto': 'https' };
    expect(await clientOf({ ...lies, forwarded: 'for=1.1.1.1' })).to.include({ scheme: 'http', host: 'shop.example' });
  });

  it('two spellings of one address are no disagreement', async () => {
    const both = { 'x-forwarded-for': '2001:db8::1', forwarded: 'for="[2001:0DB8::1]:4711"' };
    expect(await clientOf(both)).to.include({ address: '2001:db8::1', forwarded: both.forwarded });
  });

  it('a malformed Forwarded is refused, with the other field or without', async () => {
    const forwarded = 'for=1.1.1.1;;';
    for (const said of [{ forwarded }, { forwarded, 'x-forwarded-for': '1.1.1.1' }])
      expect(await clientOf(said)).to.include({ contradictory: true });
    expect(await clientOf({ forwarded: ' , ', 'x-forwarded-for': '1.1.1.1' })).to.include({ address: '1.1.1.1' });
  });

  it('a Forwarded that names nobody contradicts nobody', async () => {
    expect(await clientOf({ forwarded: 'proto=https', 'x-forwarded-for': '1.1.1.1' })).to.include({ address: '1.1.1.1', scheme: 'http' });
  });

  it('a scheme that is none says nothing', async () => {
    expect((await clientOf({ 'x-forwarded-for': '1.1.1.1', 'x-forwarded-proto': 'javascript' })).scheme).to.equal('http');
  });

  it('HTTP/2 calls the host :authority', async () => {
    expect((await clientOf({ ':authority': 'b.example' })).host).to.equal('b.example');
  });
});
