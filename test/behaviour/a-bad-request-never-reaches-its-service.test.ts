import { expect } from 'chai';
import { open as openSocket, parse, until } from '../support/client.ts';
import { contractFiles } from '../support/contract-files.ts';
import { open, type TestGateway } from '../support/gateways.ts';
import type { Upstream } from '../support/upstream.ts';
import { ask } from './support/ask.ts';
import { eventually } from './support/eventually.ts';
import { scrape } from './support/prometheus.ts';
import { serversOfThisSuite } from './support/servers.ts';

const order = {
  type: 'object',
  required: ['items'],
  additionalProperties: false,
  properties: {
    id: { type: 'string', readOnly: true },
    items: {
      type: 'array',
      minItems: 1,
      items: { type: 'object', required: ['sku', 'qty'], properties: { sku: { type: 'string' }, qty: { type: 'integer', minimum: 1 } } },
    },
  },
};

const document = {
  openapi: '3.0.3',
  info: { title: 'Orders', version: '1' },
  paths: {
    '/orders': {
      get: {
        parameters: [{ name: 'limit', in: 'query', schema: { type: 'integer', maximum: 100 } }],
        responses: { 200: { description: 'OK' } },
      },
      post: {
        requestBody: { required: true, content: { 'application/json': { schema: { $ref: '#/components/schemas/Order' } } } },
        responses: { 201: { description: 'Made' } },
      },
    },
    '/anything': { post: { requestBody: { content: {} }, responses: { 200: { description: 'OK' } } } },
    '/photos': {
      post: {
        requestBody: { required: true, content: { 'image/png': {} } },
        responses: { 201: { description: 'Made' } },
      },
    },
    '/orders/{id}': {
      parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'integer' } }],
      put: {
        parameters: [{ name: 'X-Reason', in: 'header', required: true, schema: { type: 'string', maxLength: 5 } }],
        requestBody: {
          content: {
            'application/x-www-form-urlencoded': {
              schema: { type: 'object', required: ['qty'], additionalProperties: false, properties: { qty: { type: 'integer' } } },
            },
            'multipart/form-data': {
              schema: {
                type: 'object',
                required: ['photo', 'about'],
                properties: {
                  photo: { type: 'string', format: 'binary', maxLength: 10 },
                  about: { type: 'object', required: ['title'] },
                },
              },
            },
            'text/plain': { schema: { type: 'string', maxLength: 4 } },
            'image/*': {},
            'text/csv': {},
          },
        },
        responses: { 200: { description: 'OK' } },
      },
    },
  },
  components: { schemas: { Order: order } },
};

describe('a bad request never reaches its service', () => {
  const servers = serversOfThisSuite();
  const files = contractFiles();
  let upstream: Upstream;
  let gateway: TestGateway;

  before(async () => {
    upstream = await servers.upstream();
    files.write('orders.json', document);
    const given = open(upstream.url, {
      service: { openapi: './orders.json' },
      route: { validate: { request: 'enforce', maxBody: '4KiB' } },
    });
    gateway = await servers.public(given, { directory: files.directory });
  });
  const post = (body: string, headers: Record<string, string> = { 'content-type': 'application/json' }) =>
    ask(gateway.port, '/orders', { method: 'POST', headers, body });

  it('is told everything that is wrong with it, each with its place', async () => {
    const answer = await post(JSON.stringify({ items: [{ qty: 0 }], more: 1, id: 'mine' }));
    expect(answer.status).to.equal(400);
    expect(answer.header('content-type')).to.equal('application/problem+json');
    expect(answer.json()['code']).to.equal('contract-violated');
    expect(answer.json()['errors']).to.have.deep.members([
      { in: 'body', pointer: '#/more', detail: 'is not allowed' },
      { in: 'body', pointer: '#/id', detail: 'is not allowed' },
      { in: 'body', pointer: '#/items/0/sku', detail: 'is required' },
      { in: 'body', pointer: '#/items/0/qty', detail: 'must be >= 1' },
    ]);
    const query = await ask(gateway.port, '/orders?limit=1000');
    expect([query.status, query.json()['errors']]).to.deep.equal([400, [{ in: 'query', pointer: 'limit', detail: 'must be <= 100' }]]);
    expect(upstream.requests).to.have.length(0);
  });

  const json = { 'content-type': 'application/json' };
  const put = { 'x-reason': 'fine' };
  const form = { ...put, 'content-type': 'application/x-www-form-urlencoded' };
  const multipart = { ...put, 'content-type': 'multipart/form-data; boundary=b' };
  const part = (name: string, body: string, more = '') => `--b\r\nContent-Disposition: form-data; name="${name}"${more}\r\n\r\n${body}\r\n`;
  const photo = part('photo', '0123456789', '; filename="a.png"');
  const about = part('about', '{"title":"Me"}');
  const good = JSON.stringify({ items: [{ sku: 'a', qty: 1 }] });

  const cases: Record<string, [string, string, Record<string, string>, string, number, string]> = {
    'a body that is missing': ['POST', '/orders', json, '', 400, 'body # is required'],
    'a body that is no JSON': ['POST', '/orders', json, '{"items":', 400, 'body # is no JSON'],
    'a body that is not UTF-8 by its own word': [
      'POST',
      '/orders',
      { 'content-type': 'application/json; charset=utf-16' },
      good,
      400,
      'body # is no JSON in UTF-8',
    ],
    'a member named twice': [
      'POST',
      '/orders',
      json,
      '{"items":[{"sku":"a","qty":-1,"qty":1}]}',
      400,
      'body # is no JSON that everybody reads alike: a member is named twice',
    ],
    'a body nested too deeply': [
      'POST',
      '/orders',
      json,
      '['.repeat(1_000) + ']'.repeat(1_000),
      400,
      'body # is no JSON that everybody reads alike: it is nested deeper than 200',
    ],
    'another type': ['POST', '/orders', { 'content-type': 'text/plain' }, good, 415, 'content-type content-type must be application/json'],
    'no type': ['POST', '/orders', {}, good, 415, 'content-type content-type must be application/json'],
    'an unknown coding': [
      'POST',
      '/orders',
      { ...json, 'content-encoding': 'dcb' },
      good,
      415,
      'header content-encoding must be identity, gzip, deflate, br or zstd',
    ],
    'a coding that it does not have': [
      'POST',
      '/orders',
      { ...json, 'content-encoding': 'gzip' },
      good,
      400,
      'body # is not encoded as gzip',
    ],
    'a body larger than is looked into': [
      'POST',
      '/orders',
      json,
      `{"items":"${'x'.repeat(5_000)}"}`,
      413,
      'body # is larger than 4096 bytes, to which it is looked into',
    ],
    'a body where none is taken': ['GET', '/orders', json, good, 400, 'body # is not allowed'],
    'another path': ['GET', '/orders/1/items', {}, '', 404, 'operation  no operation of the service has this method and path'],
    'another method': ['DELETE', '/orders', {}, '', 404, 'operation  no operation of the service has this method and path'],
    'a wrong element of the path': ['PUT', '/orders/x', put, '', 400, 'path id must be integer'],
    'a field that is missing': ['PUT', '/orders/1', {}, '', 400, 'header X-Reason is required'],
    'a field that is wrong': [
      'PUT',
      '/orders/1',
      { 'x-reason': 'because' },
      '',
      400,
      'header X-Reason must NOT have more than 5 characters',
    ],
    'a parameter that stands there twice': ['GET', '/orders?limit=1&limit=2', {}, '', 400, 'query limit stands there more than once'],
    'a form': ['PUT', '/orders/1', form, 'qty=two&more=1', 400, 'body #/more is not allowed'],
    'a form without parts': ['PUT', '/orders/1', multipart, 'photo', 400, 'body # is no multipart form'],
    'a form with too few parts': ['PUT', '/orders/1', multipart, `${photo}--b--`, 400, 'body #/about is required'],
    'a form with a part that is too large': [
      'PUT',
      '/orders/1',
      multipart,
      `${photo.replace('0123456789', '0123456789A')}${about}--b--`,
      400,
      'body #/photo must NOT have more than 10 characters',
    ],
    'a form with a part that is wrong inside': [
      'PUT',
      '/orders/1',
      multipart,
      `${photo}${part('about', '{}')}--b--`,
      400,
      'body #/about/title is required',
    ],
    'text that is too long': [
      'PUT',
      '/orders/1',
      { ...put, 'content-type': 'text/plain' },
      'long text',
      400,
      'body # must NOT have more than 4 characters',
    ],
  };
  for (const [name, [method, target, headers, body, status, fault]] of Object.entries(cases))
    it(`${name}: ${status}`, async () => {
      const reached = upstream.requests.length;
      const answer = await ask(gateway.port, target, { method, headers, body });
      expect(answer.status).to.equal(status);
      const errors = answer.json()['errors'] as { in: string; pointer: string; detail: string }[];
      expect(errors.map((one) => `${one.in} ${one.pointer} ${one.detail}`)).to.include(fault);
      expect(upstream.requests).to.have.length(reached);
    });

  const fine: Record<string, [string, string, Record<string, string>, string]> = {
    'HEAD, where GET is': ['HEAD', '/orders?limit=7', {}, ''],
    'no body, where none need be': ['PUT', '/orders/1', put, ''],
    'a form': ['PUT', '/orders/1', form, 'qty=2'],
    'a form in parts': ['PUT', '/orders/1', multipart, `${photo}${about}--b--\r\n`],
    'whatever there is, where no type is said': ['POST', '/anything', { 'content-type': 'text/xml' }, '<a/>'],
    'what nothing is said of, however large': ['PUT', '/orders/1', { ...put, 'content-type': 'text/csv' }, 'x'.repeat(100_000)],
    'what nobody can look into': ['PUT', '/orders/1', { ...put, 'content-type': 'image/png' }, 'x'.repeat(100_000)],
  };
  for (const [name, [method, target, headers, body]] of Object.entries(fine))
    it(`unlike ${name}`, async () => {
      const answer = await ask(gateway.port, target, { method, headers, body });
      expect([answer.status, answer.body]).to.have.property('0', 200);
      if (method !== 'HEAD') expect(answer.json()['body']).to.equal(body);
    });

  it('is passed on and counted where it is only reported, however large it is', async () => {
    const given = open(upstream.url, {
      service: { openapi: './orders.json' },
      route: { validate: { request: 'report', maxBody: '4KiB' } },
    });
    const lenient = await servers.public(given, { directory: files.directory });
    const large = `{"items":"${'x'.repeat(200_000)}"}`;
    for (const body of ['{}', large]) {
      const answer = await ask(lenient.port, '/orders', { method: 'POST', headers: json, body });
      expect([answer.status, answer.json()['body']]).to.deep.equal([200, body]);
    }
    expect((await ask(lenient.port, '/nowhere')).status).to.equal(200);
    const scraped = await scrape(lenient.admin);
    const counted = (name: string, label: string) => scraped.named(name).map(({ value, labels }) => [labels[label], value]);
    expect(counted('gateway_contract_violations_total', 'kind')).to.have.deep.members([
      ['body', 1],
      ['operation', 1],
    ]);
    expect(counted('gateway_contract_unchecked_total', 'reason')).to.deep.equal([['size', 1]]);
  });

  const sent = async (port: number, ...lines: string[]) => {
    const socket = await openSocket(port);
    servers.defer(() => socket.destroy());
    socket.write([...lines, ''].join('\r\n'));
    return socket;
  };
  const ended = (received: string) => received.includes('\r\n\r\n');

  it('is refused before its body comes, where the head says enough', async () => {
    const announcing: [string, string, number, number][] = [
      ['GET /orders', 'application/json', 10, 400],
      ['POST /orders', 'text/plain', 10, 415],
      ['POST /orders', 'application/json', 5_000, 413],
    ];
    for (const [line, type, length, status] of announcing) {
      const head = [`${line} HTTP/1.1`, 'Host: shop.example', `Content-Type: ${type}`, `Content-Length: ${length}`, ''];
      const socket = await sent(gateway.port, ...head);
      expect(parse(await until(socket, ended)).status, line).to.equal(status);
    }
  });

  it('also not without a body that must be there, although nobody looks into it', async () => {
    const head = ['POST /photos HTTP/1.1', 'Host: shop.example', 'Content-Type: image/png', 'Transfer-Encoding: chunked', ''];
    const empty = parse(await until(await sent(gateway.port, ...head, '0', ''), ended));
    expect(empty.status).to.equal(400);
    expect(parse(await until(await sent(gateway.port, ...head, '1', 'x', '0', ''), ended)).status).to.equal(200);
  });

  it('is not kept from its service by a report', async () => {
    const { promise: reached, resolve } = Promise.withResolvers<void>();
    const reading = await servers.upstream((req, res) => {
      resolve();
      req.resume().once('end', () => res.end());
    });
    const given = open(reading.url, { service: { openapi: './orders.json' }, route: { validate: { request: 'report' } } });
    const reporting = await servers.public(given, { directory: files.directory });
    const head = ['POST /orders HTTP/1.1', 'Host: shop.example', 'Content-Type: application/json', 'Transfer-Encoding: chunked', ''];
    const socket = await sent(reporting.port, ...head, '1', '{');
    await reached;
    const rest = `"items":[],"more":"${'x'.repeat(200_000)}"}`;
    socket.write(`${rest.length.toString(16)}\r\n${rest}\r\n0\r\n\r\n`);
    expect(parse(await until(socket, ended)).status).to.equal(200);
    const counted = await eventually(
      async () => (await scrape(reporting.admin)).named('gateway_contract_violations_total'),
      ({ length }) => length > 0,
    );
    expect(counted.map(({ value, labels }) => [labels['kind'], value])).to.deep.equal([['body', 1]]);
  });

  it('not even one that would upgrade', async () => {
    const heads: string[] = [];
    const chat = await servers.rawUpstream((socket, head) => {
      heads.push(head);
      socket.write(
        'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n',
      );
    });
    const room = { name: 'room', in: 'query', required: true, schema: { type: 'string', minLength: 1 } };
    files.write('chat.json', {
      ...document,
      paths: { '/chat': { get: { parameters: [room], responses: { 101: { description: 'Talking' } } } } },
    });
    const route = { upgrade: ['websocket'], validate: { request: 'enforce', response: 'enforce' } };
    const talking = await servers.public(open(chat.url, { service: { openapi: './chat.json' }, route }), { directory: files.directory });
    const upgrade = async (target: string) => {
      const socket = await openSocket(talking.port);
      servers.defer(() => socket.destroy());
      const fields = [
        'Connection: Upgrade',
        'Upgrade: websocket',
        'Sec-WebSocket-Version: 13',
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      ];
      socket.write([`GET ${target} HTTP/1.1`, 'Host: shop.example', ...fields, '', ''].join('\r\n'));
      return parse(await until(socket, (text) => text.includes('\r\n\r\n'))).status;
    };
    expect([await upgrade('/chat'), heads.length]).to.deep.equal([400, 0]);
    expect([await upgrade('/chat?room=1'), heads.length]).to.deep.equal([101, 1]);
  });

  it('is judged as the service will be asked, behind the rewrite', async () => {
    const route = { match: { pathPrefix: '/shop' }, rewrite: { stripPrefix: '/shop' }, validate: { request: 'enforce' } };
    const rewriting = await servers.public(open(upstream.url, { service: { openapi: './orders.json' }, route }), {
      directory: files.directory,
    });
    expect((await ask(rewriting.port, '/shop/orders?limit=5')).status).to.equal(200);
    expect((await ask(rewriting.port, '/shop/orders?limit=500')).status).to.equal(400);
  });

  it('and a good one does, whole', async () => {
    const body = JSON.stringify({ items: [{ sku: 'lamp', qty: 2 }] });
    expect((await post(body)).json()).to.include({ method: 'POST', url: '/orders', body });
    expect((await ask(gateway.port, '/orders?limit=10&more=1')).json()).to.include({ url: '/orders?limit=10&more=1' });
  });
});
