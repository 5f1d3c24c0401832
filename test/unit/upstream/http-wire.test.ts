/** From an attempt to its answer, over a real connection. */
import { expect } from 'chai';
import { Endpoint } from '../../../core/endpoint/endpoint.ts';
import { Problem } from '../../../core/problem.ts';
import type { Attempt } from '../../../core/upstream/exchange.ts';
import { sendOverHttp } from '../../../core/upstream/http-wire.ts';
import { testClock } from '../../support/clock.ts';
import { always, Body, poolStage } from '../http1/a-pool.ts';
import { anAttempt, anExchange } from './an-exchange.ts';

const part = 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345';
const fault = () => {
  throw new Error('a fault of ours');
};

describe('the HTTP wire', () => {
  const on = poolStage();

  const endpointOf = ({ port }: { readonly port: number }): Endpoint => {
    const endpoint = new Endpoint({
      url: new URL(`http://127.0.0.1:${port}`),
      weight: 1,
      zone: undefined,
      connectTimeout: 5_000,
      slowStart: 0,
      clock: testClock(),
    });
    on.after(() => endpoint.cut());
    return endpoint;
  };
  const codeOf = (answer: Promise<unknown>): Promise<unknown> =>
    answer.then(
      () => undefined,
      (error: unknown) => (error instanceof Problem ? error.code : error),
    );
  const sent = (endpoint: Endpoint, attempt: Attempt = anAttempt()) => sendOverHttp(attempt, endpoint, 5_000);

  it('sends the fields of the exchange, and behind them those of the attempt', async () => {
    const service = await on.service(always());
    const attempt = anAttempt(anExchange({ headers: ['a', '1'] }));
    attempt.headers.push('b', '2');
    await sent(endpointOf(service), attempt);
    expect(service.wires[0]?.received).to.contain('\r\na: 1\r\nb: 2\r\n');
    expect(attempt.begun).to.equal(true);
  });

  it('answers at once where the attempt was given up while the connection opened, and writes nothing for it', async () => {
    const service = await on.service(always());
    const endpoint = endpointOf(service);
    const attempt = anAttempt();
    const answer = codeOf(sent(endpoint, attempt));
    attempt.abort(new Problem('attempt-timeout'));
    expect(await answer).to.equal('attempt-timeout');
    const other = sent(endpoint, anAttempt(anExchange({ path: '/other' })));
    expect((await other).status).to.equal(200);
    await endpoint.close();
    await Promise.all(service.wires.map(({ closed }) => closed));
    expect(service.wires.map(({ received }) => received).join('')).to.match(/^GET \/other [\s\S]*?\r\n\r\n$/);
    expect(attempt.begun).to.equal(false);
  });

  it('gives the body up at once, too', async () => {
    const service = await on.service(always());
    const body = new Body(['abc'], false);
    const attempt = anAttempt(anExchange({ method: 'POST', body: { replayable: true, bytes: 0, open: () => body } }));
    const answer = codeOf(sent(endpointOf(service), attempt));
    attempt.abort(new Problem('attempt-timeout'));
    expect(body.destroyals).to.equal(1);
    expect(await answer).to.equal('attempt-timeout');
  });

  it('opens no connection for an attempt that was given up before', async () => {
    const service = await on.service(always());
    const attempt = anAttempt(anExchange({ body: { replayable: true, bytes: 0, open: () => expect.fail('it is not read') } }));
    attempt.abort(new Problem('attempt-timeout'));
    const endpoint = endpointOf(service);
    expect(await codeOf(sent(endpoint, attempt))).to.equal('attempt-timeout');
    await endpoint.close();
    expect(service.wires).to.have.length(0);
  });

  it('leaves the connection alone where the client leaves when the answer is whole', async () => {
    const service = await on.service(always());
    const endpoint = endpointOf(service);
    const answer = await sent(endpoint);
    await new Promise<void>((resolve) => answer.whenDone(() => resolve()));
    answer.discard();
    await (await sent(endpoint)).collect(10);
    expect(service.wires).to.have.length(1);
  });

  it('fails an answer whose taker throws with a fault of ours, and goes on', async () => {
    const service = await on.service(async (wire) => {
      await wire.head();
      wire.send(part);
    });
    const endpoint = endpointOf(service);
    const answer = await sent(endpoint);
    const failed = Promise.withResolvers<Problem>();
    const data = (chunk: Buffer) => void (String(chunk) === '67890' && fault());
    answer.into({ data, end: () => {}, fail: failed.resolve });
    service.wires[0]?.send('67890');
    expect((await failed.promise).code).to.equal('internal-error');
    await endpoint.close();
  });

  it('fails one whose taker throws at the end, too', async () => {
    const service = await on.service(async (wire) => {
      await wire.head();
      wire.send(part);
    });
    const endpoint = endpointOf(service);
    const answer = await sent(endpoint);
    const done = new Promise<Problem | undefined>((resolve) => answer.whenDone(resolve));
    answer.into({ data: () => {}, end: fault, fail: () => {} });
    service.wires[0]?.send('67890');
    expect((await done)?.code).to.equal('internal-error');
    await endpoint.close();
  });

  it('is cut off with its endpoint, also where that is closing already and a connection is opening still', async () => {
    const service = await on.service(() => {});
    const endpoint = endpointOf(service);
    const answer = codeOf(sent(endpoint));
    const closing = endpoint.close();
    endpoint.cut();
    expect(await answer).to.equal('client-closed');
    await closing;
  });
});
