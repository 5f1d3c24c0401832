/** A stream of HTTP/2 that ends early takes its request with it, and no other (RFC 9113 section 5.4.2). */
import { once } from 'node:events';
import { connect, constants } from 'node:http2';
import { expect } from 'chai';
import { AUDIENCE, goodClaims, honest, ISSUER, newKey } from './access-tokens/support/issuer.ts';
import { keySetServer } from './access-tokens/support/key-set-server.ts';
import { answered, secureStage } from './support/secure-stage.ts';

describe('HTTP/2 streams that end early', () => {
  const on = secureStage();

  it('a stream that the client resets cancels its request, and no other', async () => {
    const upstream = await on.scripted(async (wire) => {
      const head = await wire.head();
      if (head.startsWith('GET /kept')) await gone.promise;
      if (head.startsWith('GET /kept')) wire.send('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    });
    const gone = Promise.withResolvers<void>();
    const client = await on.session(await on.secure(upstream));
    const lost = client.request({ ':path': '/lost' });
    lost.on('error', () => {});
    const wire = await upstream.wire(0);
    await wire.head();
    const kept = answered(client.request({ ':path': '/kept' }));
    await (await upstream.wire(1)).head();
    lost.close(constants.NGHTTP2_CANCEL);
    await wire.closed;
    gone.resolve();
    expect((await kept).body).to.equal('ok');
  });

  it('a stream that is reset during its upload, or its answer, cancels its request', async () => {
    const upstream = await on.scripted(async (wire) => {
      const head = await wire.head();
      if (head.startsWith('GET')) wire.send('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello');
    });
    const client = await on.session(await on.secure(upstream));
    const upload = client.request({ ':path': '/', ':method': 'POST' });
    upload.on('error', () => {});
    upload.write('hello');
    await (await upstream.wire(0)).has('hello');
    upload.close(constants.NGHTTP2_CANCEL);
    await (await upstream.wire(0)).closed;
    const download = client.request({ ':path': '/' });
    download.on('error', () => {});
    await once(download, 'data');
    download.close(constants.NGHTTP2_CANCEL);
    await (await upstream.wire(1)).closed;
  });

  it('an upload that never pauses, and never ends, is 408 at the time limit of requests', async () => {
    const upstream = await on.scripted((wire) => wire.head());
    const limits = { headersTimeout: '200ms', requestTimeout: '300ms' };
    const client = await on.session(await on.secure(upstream, { public: { limits } }));
    const upload = client.request({ ':path': '/', ':method': 'POST' });
    const drip = () => upload.write('.', () => !upload.closed && setImmediate(drip));
    drip();
    const { headers, body } = await answered(upload);
    expect([headers[':status'], JSON.parse(body).code]).to.deep.equal([408, 'request-timeout']);
    upload.close();
    await (await upstream.wire(0)).closed;
  });

  it('a stream that is reset while its token waits for the key set never reaches the service', async () => {
    const key = newKey();
    const released = Promise.withResolvers<void>();
    const keys = await keySetServer();
    on.after(() => keys.close());
    keys.answer(async (_req, res) => {
      await released.promise;
      res.setHeader('Content-Type', 'application/json').end(JSON.stringify({ keys: [key.jwk] }));
    });
    const upstream = await on.service((_req, res) => res.end());
    const jwt = { issuer: ISSUER, audience: AUDIENCE, jwks: keys.url };
    const gateway = await on.secure(upstream, { route: { expose: { public: {} } }, public: { jwt } });
    const client = await on.session(gateway);
    const authorization = `Bearer ${await honest(key, goodClaims(Math.floor(Date.now() / 1000)))}`;
    const fetched = keys.nextRequest();
    const lost = client.request({ ':path': '/lost', authorization });
    lost.on('error', () => {});
    await fetched;
    lost.close(constants.NGHTTP2_CANCEL);
    await once(lost, 'close');
    // Frames are read in order: once this is answered, the gateway knows of the reset.
    await new Promise((resolve) => client.ping(resolve));
    released.resolve();
    const { headers } = await answered(client.request({ ':path': '/kept', authorization }));
    expect(headers[':status']).to.equal(200);
    expect(upstream.requests.map(({ url }) => url)).to.deep.equal(['/kept']);
    await gateway.drain();
    const line = gateway.logged().find((record) => record['path'] === '/lost');
    expect(line?.['problem']).to.equal('client-closed');
  });

  it('a request on an open session is answered during the grace of a drain, and its end is told by GOAWAY', async () => {
    const gateway = await on.secure(await on.service(), { public: { drain: { grace: '200ms', deadline: '2s' } } });
    const client = await on.session(gateway);
    await answered(client.request({ ':path': '/before' }));
    const goaway = once(client, 'goaway');
    const drained = gateway.drain();
    const { headers } = await answered(client.request({ ':path': '/meanwhile' }));
    expect(headers[':status']).to.equal(200);
    expect((await goaway)[0]).to.equal(constants.NGHTTP2_NO_ERROR);
    expect(await drained).to.equal(0);
  });

  it('a whole answer that the client leaves no window for is cut after the idle timeout', async () => {
    const upstream = await on.answering('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello');
    const { port } = await on.secure(upstream, { service: { timeouts: { idle: '100ms' } } });
    const client = connect(`https://127.0.0.1:${port}`, { rejectUnauthorized: false, settings: { initialWindowSize: 0 } });
    on.after(() => client.destroy());
    const stream = client.request({ ':path': '/' });
    const [error] = await once(stream.resume(), 'error');
    expect(error.message).to.contain('NGHTTP2_INTERNAL_ERROR');
  });

  it('an answer that was cut is a reset of its stream, and of no other', async () => {
    const upstream = await on.answering('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n', 'end');
    const client = await on.session(await on.secure(upstream));
    for (let count = 0; count < 2; count += 1) {
      const stream = client.request({ ':path': '/' });
      stream.resume();
      const [error] = await once(stream, 'error');
      expect(error.code).to.equal('ERR_HTTP2_STREAM_ERROR');
    }
    expect(client.destroyed).to.equal(false);
  });
});
