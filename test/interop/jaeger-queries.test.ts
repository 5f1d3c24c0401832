/** What README says to ask Jaeger, taken from README, asked of a real Jaeger after every kind of refusal and failure has happened. */
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { expect } from 'chai';
import { openBench } from './support/bench.ts';
import { type Jaeger, type Span, startJaeger, type Trace } from './support/jaeger.ts';
import { run } from './support/program.ts';
import { startTracedPair, type TracedPair } from './support/traced-pair.ts';
import { until } from './support/until.ts';

const section = /^### Traces in Jaeger\n(.*?)^## /ms.exec(readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8'))?.[1] ?? '';

interface Query {
  readonly toFind: string;
  readonly service: string;
  readonly operation: string;
  readonly tags: string;
  readonly minDuration: string;
}

const queries: readonly Query[] = section
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| to find'))
  .map((line) => {
    const [, toFind = '', ...cells] = line.split('|').map((cell) => cell.trim());
    const [service = '', operation = '', tags = '', minDuration = ''] = cells.map((cell) => cell.replaceAll('`', ''));
    return { toFind, service, operation, tags, minDuration };
  });

const commands: readonly string[] = (/```sh\n(.*?)```/s.exec(section)?.[1] ?? '').split('\n').filter((line) => line !== '');

/** The ids of the requests that each line of the table has to find, and no others. */
const wanted: Readonly<Record<string, readonly string[]>> = {
  'one order, as it went through everything': ['order-1'],
  'a request by its `X-Request-Id`': ['order-1'],
  'all that a gateway refused itself': ['no-token', 'bad-token', 'no-scope', 'no-route', 'too-often', 'bad-body', 'circuit-open'],
  'those without a token': ['no-token'],
  'tokens that will not do': ['bad-token'],
  'users who lack a scope': ['no-scope'],
  'paths that no route takes': ['no-route'],
  'who asks too often, of one route': ['too-often'],
  'what the contract does not allow': ['bad-body'],
  'what an open circuit refused, of one service': ['circuit-open'],
  'calls that took too long': ['too-slow'],
  "all that failed, as the log's `outcome` has it": ['broken-1', 'broken-2', 'circuit-open', 'too-slow'],
  'what took half a second or more': ['too-slow'],
  'tries made again': ['again'],
  'strangers inside': ['stranger'],
  'callers whom the route does not name': ['not-named'],
  'what one service asks of the others': ['asked-by-orders'],
};

describe('what README asks of Jaeger', () => {
  const bench = openBench();
  let jaeger: Jaeger;
  let pair: TracedPair;
  let order: Trace;

  before(async () => {
    jaeger = await startJaeger(bench);
    pair = await startTracedPair(bench, jaeger);
    const statuses: Record<string, number> = {};
    const ask = async (id: string, path: string, options: Asking = {}) => {
      statuses[id] = await statusOf(`${pair.publicGateway.url}${path}`, id, options);
    };
    const write = await pair.authorization('orders:write');
    const order = (body: unknown, authorization?: string): Asking => ({ body, ...(authorization === undefined ? {} : { authorization }) });
    await ask('order-1', '/orders', order({ item: 'lamp' }, write));
    await ask('no-token', '/orders', order({ item: 'lamp' }));
    await ask('bad-token', '/orders', order({ item: 'lamp' }, `${write}x`));
    await ask('no-scope', '/orders', order({ item: 'lamp' }, await pair.authorization('orders:read')));
    await ask('bad-body', '/orders', order({ item: 7 }, write));
    await ask('no-route', '/nowhere');
    await ask('often', '/catalogue');
    await ask('too-often', '/catalogue');
    for (const id of ['broken-1', 'broken-2', 'circuit-open']) await ask(id, '/offers');
    await ask('too-slow', '/search');
    await ask('again', '/reviews');
    const inside = async (id: string, path: string, from: string) => {
      statuses[id] = await statusOf(`${pair.privateGateway.url}${path}`, id, { from });
    };
    await inside('stranger', '/stock/lamp', '127.0.0.2');
    await inside('not-named', '/count', '127.0.0.1');
    expect(statuses).to.deep.equal({
      'order-1': 201,
      'no-token': 401,
      'bad-token': 401,
      'no-scope': 403,
      'bad-body': 400,
      'no-route': 404,
      often: 200,
      'too-often': 429,
      'broken-1': 500,
      'broken-2': 500,
      'circuit-open': 503,
      'too-slow': 504,
      again: 200,
      stranger: 403,
      'not-named': 403,
    });
    await pair.stop();
  });
  after(() => bench.clear());

  const tag = ({ tags }: Span, name: string) => tags.find(({ key }) => key === name)?.value;
  const idsIn = ({ spans, processes }: Trace, service: string) =>
    spans
      .filter(({ processID }) => processes[processID]?.serviceName === service)
      .flatMap((span) => {
        const id = tag(span, 'gateway.request.id');
        return id === undefined ? [] : [String(id)];
      });
  /** As the search page asks: tags are `name=value` with spaces between. */
  const searched = async ({ service, operation, tags, minDuration }: Query): Promise<readonly Trace[]> => {
    const given = Object.fromEntries(tags.split(' ').flatMap((one) => (one === '' ? [] : [one.split('=') as [string, string]])));
    const query = new URLSearchParams({ service, lookback: '1h', limit: '100', tags: JSON.stringify(given) });
    if (operation !== '') query.set('operation', operation);
    if (minDuration !== '') query.set('minDuration', minDuration);
    const response = await fetch(`http://${jaeger.query}/api/traces?${query}`);
    expect(response.status, await response.clone().text()).to.equal(200);
    return ((await response.json()) as { data: Trace[] }).data;
  };

  it('is a line for each of what happened here', () => {
    expect(queries.map(({ toFind }) => toFind)).to.deep.equal(Object.keys(wanted));
  });

  for (const query of queries) {
    it(`finds ${query.toFind}`, async () => {
      const ids = new Set(wanted[query.toFind]);
      if (query.service === 'private-gateway' && ids.has('asked-by-orders')) return expectOrdersAlone(await searched(query));
      const found = await until(
        `all of ${[...ids]}`,
        async () => {
          const traces = await searched(query);
          return traces.length >= ids.size && traces;
        },
        5_000,
      );
      expect(new Set(found.flatMap((trace) => idsIn(trace, query.service)))).to.deep.equal(ids);
    });
  }

  /** Its request has an id of its own; it is known by who asked, and the stranger's and the other caller's are not among them. */
  function expectOrdersAlone(traces: readonly Trace[]): void {
    const callers = traces.flatMap(({ spans }) => spans.map((span) => tag(span, 'gateway.caller.name')).filter(Boolean));
    expect(new Set(callers)).to.deep.equal(new Set(['orders']));
    expect(traces.some(({ spans }) => spans.some((span) => tag(span, 'http.route') === '/stock/{item}'))).to.equal(true);
  }

  it('shows the order as one trace: each span under the one that asked', async () => {
    const [query] = queries;
    const [found] = query ? await searched(query) : [];
    if (!found) throw new Error('the order is not there');
    order = found;
    const named = (span: Span) => `${order.processes[span.processID]?.serviceName} ${tag(span, 'span.kind')} ${span.operationName}`;
    const chain: string[] = [];
    const under = (id: string | undefined) => order.spans.filter(({ references }) => (references[0]?.spanID ?? undefined) === id);
    for (let spans = under(undefined); spans.length > 0; spans = spans.flatMap(({ spanID }) => under(spanID)))
      chain.push(...spans.map(named));
    expect(chain).to.deep.equal([
      'public-gateway server POST /orders',
      'public-gateway client POST',
      'orders server POST /orders',
      'orders client GET',
      'private-gateway server GET /stock/{item}',
      'private-gateway client GET',
      'stock server GET /stock/lamp',
    ]);
  });

  it('names nobody', () => {
    expect(JSON.stringify(order)).to.not.include('ada');
    const line = pair.publicGateway.records().find(({ requestId }) => requestId === 'order-1');
    expect(line).to.include({ user: 'ada', traceId: order.traceID });
  });

  it('and by curl the same', async () => {
    expect(commands.length).to.be.greaterThan(3);
    const answers: unknown[] = [];
    for (const command of commands) {
      const { code, output } = await run('bash', ['-c', command.replaceAll('127.0.0.1:16686', jaeger.query)], {
        env: { ...(process.env as Record<string, string>), TRACE: order.traceID },
      });
      expect(code, output).to.equal(0);
      const { data } = JSON.parse(output) as { data: unknown[] };
      expect(data.length, command).to.be.greaterThan(0);
      answers.push(data);
    }
    const [refused, slow, one, dependencies] = answers as [Trace[], Trace[], Trace[], { parent: string; child: string }[]];
    expect(new Set(refused.flatMap((trace) => idsIn(trace, 'public-gateway')))).to.deep.equal(
      new Set(wanted['all that a gateway refused itself']),
    );
    expect(slow.flatMap((trace) => idsIn(trace, 'public-gateway'))).to.deep.equal(['too-slow']);
    expect(one.map(({ traceID }) => traceID)).to.deep.equal([order.traceID]);
    expect(dependencies.map(({ parent, child }) => `${parent} -> ${child}`)).to.include.members([
      'public-gateway -> orders',
      'orders -> private-gateway',
      'private-gateway -> stock',
    ]);
  });
});

interface Asking {
  readonly body?: unknown;
  readonly authorization?: string;
  /** The source address. */
  readonly from?: string;
}

function statusOf(url: string, id: string, { body, authorization, from }: Asking): Promise<number> {
  const headers = {
    'x-request-id': id,
    ...(authorization === undefined ? {} : { authorization }),
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
  };
  return new Promise((resolve, reject) => {
    const sent = request(url, {
      method: body === undefined ? 'GET' : 'POST',
      headers,
      ...(from === undefined ? {} : { localAddress: from }),
    });
    sent.on('response', (answer) => answer.resume().on('end', () => resolve(answer.statusCode ?? 0))).on('error', reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
