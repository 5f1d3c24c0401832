import { expect } from 'chai';
import { requestId } from '../../../core/middleware/request-id.ts';
import { aContext, noNext } from './a-context.ts';

async function idFor(given?: string): Promise<string> {
  const ctx = aContext(given === undefined ? {} : { headers: { 'x-request-id': given } });
  await requestId()(ctx, noNext);
  expect(ctx.state.answer).to.deep.equal(['X-Request-Id', ctx.state.requestId]);
  return ctx.state.requestId;
}

describe('requestId', () => {
  const made = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

  for (const harmless of ['a', 'A-b_c=9', 'x'.repeat(128), '0af7651916cd43dd8448eb211c80319c'])
    it(`keeps ${harmless.slice(0, 40)}`, async () => expect(await idFor(harmless)).to.equal(harmless));

  for (const harmful of ['', ' ', 'x'.repeat(129), 'a b', 'a\nb', 'a\n', '<b>', '"', 'a, b', 'ü', '../x', '{}'])
    it(`replaces ${JSON.stringify(harmful.slice(0, 40))}`, async () => expect(await idFor(harmful)).to.match(made));

  it('makes one where there is none, another each time', async () => {
    const ids = await Promise.all(Array.from({ length: 100 }, () => idFor()));
    for (const id of ids) expect(id).to.match(made);
    expect(new Set(ids).size).to.equal(100);
  });
});
