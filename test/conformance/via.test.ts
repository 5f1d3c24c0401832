/** Via (RFC 9110 section 7.6.3): the way a message took, and the end of one that goes round in circles. */
import { expect } from 'chai';
import { expectProblem, fieldsOf } from './support/answers.ts';
import { stage } from './support/stage.ts';

describe('Via', () => {
  const on = stage();

  it('names the gateway to the service and to the client', async () => {
    const upstream = await on.answering('HTTP/1.1 200 OK\r\nVia: 1.0 inner\r\nContent-Length: 0\r\n\r\n');
    const answer = await on.get(await on.gateway(upstream), 'Via: 1.1 outer', 'Via: 1.0 other:80 (comment)');
    expect(fieldsOf((await upstream.wire(0)).received, 'via')).to.deep.equal(['1.1 outer, 1.0 other:80 (comment), 1.1 public-gateway']);
    expect(answer.headers['via']?.join(', ')).to.equal('1.0 inner, 1.1 public-gateway');
  });

  it('tells the version that was received', async () => {
    const upstream = await on.answering('HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n');
    await on.exchange(await on.gateway(upstream), 'GET / HTTP/1.0\r\nHost: a\r\n\r\n');
    expect(fieldsOf((await upstream.wire(0)).received, 'via')).to.deep.equal(['1.0 public-gateway']);
  });

  for (const field of [
    '1.1 public-gateway',
    '1.1 a, 2 public-gateway (x) , 1.1 b',
    'HTTP/1.1  public-gateway',
    '1.1 a,1.1\tpublic-gateway',
  ]) {
    it(`with the gateway's own name is a loop: ${JSON.stringify(field)}`, async () => {
      const upstream = await on.answering('HTTP/1.1 204 No Content\r\n\r\n');
      const answer = await on.get(await on.gateway(upstream), `Via: ${field}`);
      expectProblem(answer, 502, 'loop');
      expect(answer.headers['proxy-status']).to.deep.equal(['public-gateway; error=proxy_loop_detected']);
      expect(upstream.wires).to.have.length(0);
    });
  }

  it('that a client invents is no failure of anybody else, nor told more than its name', async () => {
    const upstream = await on.answering('HTTP/1.1 204 No Content\r\n\r\n');
    const gateway = await on.gateway(upstream);
    const answer = await on.get(gateway, 'Via: 1.1 public-gateway');
    expect(JSON.parse(answer.body)).to.not.have.property('detail');
    await gateway.drain();
    const line = gateway.logged().find(({ event }) => event === 'request');
    expect(line).to.include({ status: 502, problem: 'loop', outcome: 'ignored' });
  });

  for (const field of ['1.1 public-gateway-2', '1.1 my-public-gateway', '1.1 other (public-gateway)']) {
    it(`with a name like the gateway's is no loop: ${field}`, async () => {
      const upstream = await on.answering('HTTP/1.1 204 No Content\r\n\r\n');
      expect((await on.get(await on.gateway(upstream), `Via: ${field}`)).status).to.equal(204);
    });
  }

  it('ends a gateway that is its own service after one round', async () => {
    const relay: { url?: string } = {};
    const upstream = await on.scripted(async (wire) => {
      const head = await wire.head();
      const client = await on.client({ port: Number(new URL(relay.url ?? '').port) });
      wire.send(await client.send(`${head.trim()}\r\nConnection: close\r\n\r\n`).closed);
    });
    const gateway = await on.gateway(upstream);
    relay.url = gateway.url;
    expectProblem(await on.get(gateway), 502, 'loop');
    expect(upstream.wires).to.have.length(1);
    await gateway.drain();
    const outcomes = gateway.logged().flatMap(({ event, outcome }) => (event === 'request' ? [outcome] : []));
    expect(outcomes).to.have.members(['ignored', 'failure']);
  });

  it('names each of a pair of gateways', async () => {
    const upstream = await on.answering('HTTP/1.1 204 No Content\r\n\r\n');
    const inner = await on.privateGateway(upstream);
    const answer = await on.get(await on.gateway(inner));
    expect(answer.status, answer.raw).to.equal(204);
    expect(fieldsOf((await upstream.wire(0)).received, 'via')).to.deep.equal(['1.1 public-gateway, 1.1 private-gateway']);
    expect(answer.headers['via']).to.deep.equal(['1.1 private-gateway', '1.1 public-gateway']);
  });
});
