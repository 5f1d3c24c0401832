import { expect } from 'chai';
import fc from 'fast-check';
import ipRangeCheck from 'ip-range-check';
import { type ReachabilityChange, reachability } from '../../../core/check/reachability.ts';
import type { CallerConfig, Config, PrivateExposure, PublicExposure, RouteConfig } from '../../../core/config/schema/index.ts';
import type { Principal } from '../../../core/context.ts';
import { exposedThrough } from '../../../core/routing/exposure.ts';
import type { RouteQuery } from '../../../core/routing/route.ts';
import { buildTable } from '../../../core/routing/table.ts';
import { lacks } from '../../../public-gateway/rules.ts';
import { aMatch, aRequest } from '../routing/a-match.ts';
import { aConfig } from './a-config.ts';

const some = <T>(...of: readonly T[]) => fc.subarray([...of], { minLength: 1 });

const aPublic: fc.Arbitrary<PublicExposure> = fc.oneof(
  fc.constant<PublicExposure>({ access: 'anonymous' }),
  fc.record({ scopes: fc.subarray(['r', 'w']), claims: fc.dictionary(fc.constantFrom('plan', 'team'), some('a', 'b')) }),
);
const aPrivate: fc.Arbitrary<PrivateExposure> = fc.record({ callers: some('one', 'two', 'three') });
const anExpose = fc.oneof(
  fc.record({ public: aPublic }),
  fc.record({ private: aPrivate }),
  fc.record({ public: aPublic, private: aPrivate }),
);

const someCallers: fc.Arbitrary<Record<string, CallerConfig>> = fc.record({
  one: fc.record({ from: some('10.0.0.0/8', '10.1.0.0/16', '::/0') }),
  two: fc.record({ from: some('10.0.0.0/15', '10.1.1.1', 'fd00::/8') }),
  three: fc.record({ from: some('0.0.0.0/1', '10.1.1.0/31') }),
});
const anAddress = fc.constantFrom('10.0.0.1', '10.1.0.1', '10.1.1.0', '10.1.1.1', '10.1.1.2', '9.0.0.1', '200.0.0.1', 'fd00::1', '::1');

const aUser: fc.Arbitrary<Principal> = fc
  .record({ scopes: fc.subarray(['r', 'w']), claims: fc.dictionary(fc.constantFrom('plan', 'team'), fc.constantFrom('a', 'b', 'c')) })
  .map(({ scopes, claims }) => ({ kind: 'user', subject: 'ada', scopes: new Set(scopes), claims }));

interface Draft {
  readonly match: RouteConfig['match'];
  readonly expose: RouteConfig['expose'];
}
const aDraft: fc.Arbitrary<Draft> = fc.record({ match: aMatch, expose: anExpose });

/** Two lists of routes that have much in common, each in an order of its own. */
const aChange = fc
  .record({
    common: fc.array(aDraft, { maxLength: 6 }),
    removed: fc.array(aDraft, { maxLength: 3 }),
    added: fc.array(aDraft, { maxLength: 3 }),
    exposed: fc.array(anExpose, { maxLength: 2 }),
    callers: fc.tuple(someCallers, fc.option(someCallers, { nil: undefined })),
  })
  .map(({ common, removed, added, exposed, callers: [callers, others = callers] }) => {
    const changed = common.map((draft, at) => ({ ...draft, expose: exposed[at] ?? draft.expose }));
    return [config([...removed, ...common], callers, 'old'), config([...changed, ...added], others, 'new')] as const;
  });

function config(drafts: readonly Draft[], callers: Record<string, CallerConfig>, prefix: string): Config {
  const routes = drafts.map((draft, at): RouteConfig => ({ name: `${prefix}${at}`, service: 'orders', priority: 'normal', ...draft }));
  return aConfig(routes, { private: { callers } });
}

/** The route by which the principal gets through, by the rules of the gateways. */
function entrance(of: Config, gateway: 'public' | 'private', request: RouteQuery, who: { principal: Principal; address: string }) {
  const match = buildTable(exposedThrough(gateway, of.routes)).match(request);
  if (match.found !== 'route') return undefined;
  const { config: route } = match.route;
  if (gateway === 'public') {
    const rule = route.expose.public ?? {};
    if (rule.access === 'anonymous') return route;
    return who.principal.kind === 'user' && lacks(rule, who.principal) === undefined ? route : undefined;
  }
  const caller = Object.entries(of.private.callers).find(([, { from = [] }]) => ipRangeCheck(who.address, [...from]))?.[0];
  return caller !== undefined && route.expose.private?.callers.includes(caller) ? route : undefined;
}

const covers = ({ wider, gateway, route, methods }: ReachabilityChange, request: RouteQuery, through: 'public' | 'private', name: string) =>
  wider && gateway === through && route === name && (methods.includes(request.method) || methods.includes('*'));

describe('reachability, whatever changes', function () {
  this.timeout(60_000);

  it('misses no request that is let in and was not', () => {
    let opened = 0;
    fc.assert(
      fc.property(
        aChange,
        fc.array(fc.tuple(aRequest, fc.oneof(aUser, fc.constant<Principal>({ kind: 'anonymous' })), anAddress), {
          minLength: 20,
          maxLength: 60,
        }),
        ([before, after], requests) => {
          const changes = reachability(before, after);
          const backwards = reachability(after, before);
          for (const [request, principal, address] of requests) {
            for (const gateway of ['public', 'private'] as const) {
              const then = entrance(before, gateway, request, { principal, address });
              const now = entrance(after, gateway, request, { principal, address });
              if (then !== undefined || now === undefined) continue;
              opened += 1;
              const covering = changes.filter((change) => covers(change, request, gateway, now.name));
              expect(covering.length, `${gateway} ${request.method} ${request.path}`).to.be.greaterThan(0);
              if (principal.kind === 'anonymous' && gateway === 'public')
                expect(covering.map(({ kind }) => kind)).to.include('newly-anonymous');
              // What opens one way closes the other way.
              expect(backwards.some((change) => !change.wider && change.route === now.name && change.gateway === gateway)).to.equal(true);
            }
          }
        },
      ),
      { numRuns: 120 },
    );
    expect(opened).to.be.greaterThan(120);
  });

  it('finds nothing where only names and the order of unlike routes differ', () => {
    fc.assert(
      fc.property(fc.array(aDraft, { maxLength: 8 }), someCallers, (drafts, callers) => {
        expect(reachability(config(drafts, callers, 'old'), config(drafts, callers, 'new'))).to.deep.equal([]);
      }),
      { numRuns: 100 },
    );
  });
});
