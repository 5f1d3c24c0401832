import { expect } from 'chai';
import type { RouteConfig } from '../../../core/config/schema/index.ts';
import { forgetRoutes } from '../../../core/reload/forget-routes.ts';
import { ByteText } from '../../../core/telemetry/byte-text.ts';
import { ownMetrics } from '../../../core/telemetry/own-metrics.ts';

const route = (name: string, path: string, methods = ['GET']) => ({ name, match: { path, methods } }) as RouteConfig;

describe('what was counted of routes', () => {
  it('ends with them, and with the path that they had', () => {
    const own = ownMetrics({ name: 'test', version: '1' }, () => 0);
    const attributes = ['gateway.route.id', 'http.route'];
    const serverDuration = own.histogram('duration', [], { description: '', unit: '', attributes });
    const counter = (name: string) => own.counter(name, { description: '', unit: '', attributes });
    const [cacheRequests, contractViolations, rateLimitRequests] = [counter('cache'), counter('contract'), counter('rate')];
    const [stays, gone, moved, moves] = [
      route('stays', '/stays'),
      route('gone', '/gone'),
      route('moves', '/new/{id}'),
      route('moves', '/old'),
    ];
    for (const { name, match } of [stays, gone, moved, moves]) {
      serverDuration.record(1, { 'gateway.route.id': name, 'http.route': match.path });
      cacheRequests.add(1, { 'gateway.route.id': name });
    }
    const instruments = { serverDuration, cacheRequests, contractViolations, rateLimitRequests };
    const before = { routes: [stays, gone, moves] };
    forgetRoutes(before, { routes: [route('stays', '/stays', ['POST']), moved] }, instruments);
    const text = new ByteText(1_000);
    for (const _ of own.expose(text));
    const series = [...text.written.toString().matchAll(/^(?:duration_count|cache_total)\{gateway_route_id="(.*?)".*?\} /gm)];
    expect(series.map(([all]) => all.trim())).to.deep.equal([
      'duration_count{gateway_route_id="stays",http_route="/stays"}',
      'duration_count{gateway_route_id="moves",http_route="/new/{id}"}',
      'cache_total{gateway_route_id="stays"}',
      'cache_total{gateway_route_id="moves"}',
    ]);
  });
});
