import { expect } from 'chai';

const { merge } = await import(String(new URL('../../../../core/admin/page/changes.js', import.meta.url)));

const change = (at: number, from: string, revision: string) => ({ at, from, revision, cause: 'api', summary: [] });

describe('the changes of both gateways', () => {
  it('are one where both took it up, and as many as there were of what was taken back and made again', () => {
    const changes = [change(30, 'a', 'b'), change(20, 'b', 'a'), change(10, 'a', 'b')];
    const merged = merge([
      { name: 'public-gateway', reload: { changes } },
      { name: 'private-gateway', reload: { changes: changes.slice(0, 2) } },
    ]);
    expect(merged.map(({ at, gateways }: { at: number; gateways: string[] }) => [at, gateways.length])).to.deep.equal([
      [30, 2],
      [20, 2],
      [10, 1],
    ]);
  });
});
