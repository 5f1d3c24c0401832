import { expect } from 'chai';
import { normalizeErrors } from '../../../core/middleware/normalize-errors.ts';
import { Problem } from '../../../core/problem.ts';
import type { Exchange } from '../../../core/upstream/exchange.ts';
import { preparedAnswer } from '../../../core/upstream/fallback.ts';
import { UpstreamResponse } from '../../../core/upstream/response.ts';
import { testClock } from '../../support/clock.ts';
import { anExchange } from '../upstream/an-exchange.ts';
import { aContext } from './a-context.ts';

describe('normalizeErrors', () => {
  const through = (came: UpstreamResponse, method = 'GET', edge = true, exchange?: Exchange) => {
    const ctx = aContext({ method, state: { requestId: 'r', route: { config: {} }, exchange } });
    return normalizeErrors({ edge, byDefault: true, clock: testClock() })(ctx, async () => came);
  };
  const answer = (status: number, headers: string[], body: string | Buffer) =>
    UpstreamResponse.whole(status, headers, Buffer.from(body as string));
  const documentOf = async (came: UpstreamResponse, edge = true, exchange?: Exchange) =>
    JSON.parse(String(await (await through(came, 'GET', edge, exchange)).collect(1 << 20))) as Record<string, unknown>;
  const own = { status: 404, instance: 'urn:request:r', requestId: 'r' };
  const plain = { type: 'about:blank', title: 'Not Found', code: 'service-error', ...own };
  const json = ['content-type', 'application/json'];
  const problem = ['content-type', 'application/problem+json'];

  it('keeps the fields that are not of the body, those of the error among them', async () => {
    const { headers } = await through(
      answer(
        416,
        [
          ...['content-range', 'bytes */100', 'content-security-policy', "default-src 'none'", 'content-location', '/a', 'x-why', 'far'],
          ...['content-digest', 'x', 'etag', '"1"', 'content-encoding', 'br', 'content-language', 'de', 'expires', '0', 'trailer', 'x-a'],
        ],
        'x',
      ),
    );
    expect(headers.slice(0, 8)).to.deep.equal([
      ...['content-range', 'bytes */100', 'content-security-policy', "default-src 'none'", 'content-location', '/a', 'x-why', 'far'],
    ]);
    expect(headers.slice(8).filter((_, at) => at % 2 === 0)).to.deep.equal([
      ...['Content-Type', 'Cache-Control', 'Content-Length', 'X-Content-Type-Options'],
    ]);
  });

  it('answers a HEAD without a length that nobody knows, and without waiting for a body', async () => {
    const { headers } = await through(
      new UpstreamResponse(404, '', [...json, 'content-length', '5'], { pause() {}, resume() {}, abort() {} }),
      'HEAD',
    );
    expect(headers.map((field) => field.toLowerCase()))
      .to.include('application/problem+json')
      .and.not.include('content-length');
  });

  it('passes over members that are not what the standard says they are', async () => {
    const told = { type: 5, title: { x: [1] }, detail: ['a'], code: 7, instance: '/orders/7', status: 'x', more: [1] };
    expect(await documentOf(answer(404, problem, JSON.stringify(told)))).to.deep.equal({ ...plain, more: [1] });
  });

  it("keeps a service's own code", async () => {
    const told = { type: 'urn:a', title: 'None left', detail: 'of 7', code: 'OUT_OF_STOCK' };
    expect(await documentOf(answer(404, problem, JSON.stringify(told)))).to.deep.equal({ ...told, ...own });
  });

  it('takes a message wherever services put it, and nothing else', async () => {
    for (const told of [
      { detail: 'so' },
      { message: 'so' },
      { error_description: 'so', error: 'x' },
      { error: 'so' },
      { error: { message: 'so' } },
    ])
      expect((await documentOf(answer(404, json, JSON.stringify(told))))['detail'], JSON.stringify(told)).to.equal('so');
    for (const told of [['so'], [{ message: 'so' }], 'so', null, { error: null }, { error: ['so'] }, { message: 5 }, {}])
      expect(await documentOf(answer(404, json, JSON.stringify(told))), JSON.stringify(told)).to.deep.equal(plain);
    expect(await documentOf(answer(404, problem, '["so"]'))).to.deep.equal(plain);
    expect(await documentOf(answer(404, ['content-type', 'text/plain'], '{"message":"so"}'))).to.deep.equal(plain);
  });

  it('reads no body that is encoded, broken or deeper than can be written again', async () => {
    expect(await documentOf(answer(404, [...json, 'content-encoding', 'gzip'], '{"message":"so"}'))).to.deep.equal(plain);
    expect(await documentOf(answer(404, json, '{"message":'))).to.deep.equal(plain);
    const deep = `{"title":"Deep","a":${'['.repeat(30_000)}${']'.repeat(30_000)}}`;
    const document = await documentOf(answer(404, problem, deep));
    expect(document).to.include({ status: 404, code: 'service-error' });
  });

  it('answers with the status that is known when the body is cut', async () => {
    const cut = new UpstreamResponse(404, '', json, { pause() {}, resume() {}, abort() {} });
    cut.receive(Buffer.from('{"message":"so'));
    cut.fail(new Problem('response-incomplete'));
    expect(await documentOf(cut)).to.deep.equal(plain);
  });

  it('gives up a body that is larger than what is read, and times nothing that has ended', async () => {
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    // Mocha's own begins when the test first waits.
    await Promise.resolve();
    const before = timers();
    let aborted = 0;
    const source = { pause() {}, resume() {}, abort: () => (aborted += 1) };
    const large = new UpstreamResponse(404, '', json, source);
    large.receive(Buffer.from(`{"message":"${'x'.repeat(70_000)}`));
    expect(await documentOf(large, true, anExchange({ deadlineAt: 60_000 }))).to.deep.equal(plain);
    expect([aborted, timers() - before]).to.deep.equal([1, 0]);
  });

  it('leaves alone what a configuration has prepared, and what is no error', async () => {
    for (const came of [preparedAnswer({ status: 503, body: { until: 'noon' } }), answer(302, ['location', '/a'], '')])
      expect(await through(came)).to.equal(came);
  });
});
