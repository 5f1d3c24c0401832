import { expect } from 'chai';
import { fieldsOf, namesOf } from './support/answers.ts';
import { stage } from './support/stage.ts';

describe('fields', () => {
  const on = stage();

  it('that are repeated stay so, in their order, and keep their case and their bytes', async () => {
    const upstream = await on.answering(
      'HTTP/1.1 200 OK\r\nSet-Cookie: b=2\r\nset-cookie: a=1; Path=/\r\nX-Latin: caf\xe9\r\nX-Twice: 1\r\nWWW-Authenticate: A\r\nx-twice: 2\r\nWWW-Authenticate: B\r\nX-Empty:\r\nContent-Length: 0\r\n\r\n',
    );
    const client = await on.client(await on.gateway(upstream));
    const fields = [
      'X-Twice: 1',
      'Accept: a',
      'x-twice: 2',
      'Accept: b',
      'X-Latin: caf\xe9',
      'X-Utf8: \xc3\xa9',
      'X-Empty:',
      'X-MiXed: Yes',
    ];
    const received = await client.send(`GET / HTTP/1.1\r\nHost: a\r\n${fields.join('\r\n')}\r\nConnection: close\r\n\r\n`).closed;
    expect(received).to.include(
      'Set-Cookie: b=2\r\nset-cookie: a=1; Path=/\r\nX-Latin: caf\xe9\r\nX-Twice: 1\r\nWWW-Authenticate: A\r\nx-twice: 2\r\nWWW-Authenticate: B\r\nX-Empty: \r\n',
    );
    const arrived = (await upstream.wire(0)).received;
    expect(fieldsOf(arrived, 'x-twice')).to.deep.equal(['1', '2']);
    expect(fieldsOf(arrived, 'accept')).to.deep.equal(['a', 'b']);
    expect(arrived)
      .to.include('\r\nX-Latin: caf\xe9\r\n')
      .and.include('X-Utf8: \xc3\xa9')
      .and.include('X-MiXed: Yes')
      .and.include('X-Empty: \r\n');
  });

  it('named like the properties of every object are fields like others', async () => {
    const upstream = await on.answering(
      'HTTP/1.1 200 OK\r\n__proto__: a\r\nconstructor: b\r\ntoString: c\r\n__PROTO__: d\r\nContent-Length: 0\r\n\r\n',
    );
    const gateway = await on.privateGateway(upstream);
    const strange = '__proto__: a\r\nconstructor: b\r\nhasOwnProperty: c\r\n__PROTO__: d';
    const client = await on.client(gateway);
    const received = await client.send(`GET / HTTP/1.1\r\nHost: a\r\n${strange}\r\nConnection: close\r\n\r\n`).closed;
    expect(received).to.include('__proto__: a\r\nconstructor: b\r\ntoString: c\r\n__PROTO__: d\r\n');
    expect(namesOf((await upstream.wire(0)).received)).to.include.members(['__proto__', 'constructor', 'hasownproperty']);
    const outside = await on.gateway(upstream, { route: { upgrade: ['websocket'] } });
    const upgrade = `GET / HTTP/1.1\r\nHost: a\r\n${strange}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`;
    expect(await (await on.client(outside)).send(upgrade).closed).to.match(/^HTTP\/1\.1 200 /);
  });

  it('that are too many or too large are refused with 431, of a service with 502', async () => {
    const many = Array.from({ length: 120 }, (_, at) => `X-${at}: y`);
    const gateway = await on.gateway(await on.answering(`HTTP/1.1 200 OK\r\nX-Large: ${'y'.repeat(70_000)}\r\nContent-Length: 0\r\n\r\n`));
    expect((await on.get(gateway, ...many)).status).to.equal(431);
    expect((await on.get(gateway, `X-Large: ${'y'.repeat(20_000)}`)).status).to.equal(431);
    const answer = await on.get(gateway);
    expect(answer.status).to.equal(502);
    expect(answer.headers['proxy-status']).to.deep.equal(['public-gateway; error=http_response_header_section_size']);
  });
});
