import { expect } from 'chai';
import type { Filter, FilterExchange, PreExchange } from 'postern/filter';

/** What users write; that it passes `tsc` is the test. */
const audit = {
  name: 'audit',
  stage: 'post',
  order: 100,
  schema: { type: 'object', properties: { header: { type: 'string', default: 'x-audit' } }, additionalProperties: false },
  run(exchange, options) {
    exchange.response.headers.set(options.header, exchange.route.name);
    exchange.log.info({ status: exchange.response.status, failed: exchange.error?.code }, 'done');
  },
} satisfies Filter<{ header: string }>;

const guard = {
  name: 'guard',
  stage: 'pre',
  async run(exchange) {
    const body = await exchange.request.body(1024);
    if (body === undefined) exchange.respond(413, { 'x-why': 'large' }, { tooLarge: true });
    const { principal } = exchange.request;
    if (principal.kind === 'user') exchange.request.headers.set('x-user', principal.subject);
    // @ts-expect-error: before the call there is no response
    expect(() => exchange.response).to.throw();
    // @ts-expect-error: nor a call to make
    expect(exchange.next).to.equal(undefined);
  },
} satisfies Filter;

const around = {
  name: 'around',
  stage: 'route',
  async run({ next, state }) {
    state.set('since', performance.now());
    const response = await next();
    response.setBody((await response.body(10)) ?? 'large');
    response.status = 202;
  },
} satisfies Filter;

const rescue: Filter = {
  name: 'rescue',
  stage: 'error',
  run({ error, respond }) {
    if (error.code === 'connection-refused') respond(error.status, {}, error.message);
  },
};

const nowhere = {
  name: 'nowhere',
  // @ts-expect-error: no such stage
  stage: 'during',
  run() {},
} satisfies Filter;

describe('the type of filters', () => {
  it('is one for all stages', () => {
    const all: readonly Filter<{ header: string }>[] = [audit, guard, around];
    expect([...all, rescue, nowhere].map(({ name }) => name)).to.have.length(5);
  });

  it('has in each stage a part of what all have', () => {
    const narrow = (exchange: FilterExchange): PreExchange => exchange;
    expect(narrow({} as FilterExchange)).to.deep.equal({});
  });
});
