/** Which service a request is for: the route's own, or the one that its split gives it. */
import { compileSplit, type Splitter } from '../balancer/split.ts';
import type { Random } from '../clock.ts';
import type { RouteConfig } from '../config/schema/index.ts';
import type { Context } from '../context.ts';
import { type ClientFacts, keyBy } from '../upstream/affinity.ts';
import { factsOf } from './new-exchange.ts';

interface Compiled {
  readonly split: Splitter;
  readonly key: ((facts: ClientFacts) => string | undefined) | undefined;
}

/** Each is compiled once, for as long as its configuration is there. */
const compiled = new WeakMap<RouteConfig, Compiled>();

/** The name of the service; undefined where the answer is made of parts. */
export function chooseService(ctx: Context, config: RouteConfig, random: Random): string | undefined {
  const { req, state } = ctx;
  if (config.split === undefined) return config.service;
  let chooser = compiled.get(config);
  if (!chooser) {
    const { split, splitOn, name } = config;
    chooser = { split: compileSplit(split, name), key: splitOn === undefined ? undefined : keyBy(splitOn) };
    compiled.set(config, chooser);
  }
  const { target, host } = state;
  const { headers, method = '' } = req;
  const key = chooser.key?.(factsOf(ctx));
  return chooser.split({ method, host, path: target.path, query: target.query, headers }, key, random);
}
