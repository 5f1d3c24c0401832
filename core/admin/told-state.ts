/** Whether what a peer tells is a state that the page can draw: it may be of another version, or no gateway at all. */
import { isObject, type Json } from './state-change.ts';

type Is = (value: Json | undefined) => boolean;

const text: Is = (value) => typeof value === 'string';
const figure: Is = (value) => typeof value === 'number';
const truth: Is = (value) => typeof value === 'boolean';
const maybe =
  (is: Is): Is =>
  (value) =>
    value === undefined || is(value);
const one =
  (...words: readonly string[]): Is =>
  (value) =>
    typeof value === 'string' && words.includes(value);
const list =
  (is: Is): Is =>
  (value) =>
    Array.isArray(value) && value.every(is);
const named =
  (is: Is): Is =>
  (value) =>
    isObject(value) && Object.values(value).every(is);
const shaped =
  (shape: Readonly<Record<string, Is>>): Is =>
  (value) => {
    if (!isObject(value)) return false;
    for (const name in shape) if (!shape[name]?.(Object.hasOwn(value, name) ? value[name] : undefined)) return false;
    return true;
  };

/**
 * Of an object that was found to be of it once, that is known: a state after a change has the objects of before where nothing changed,
 * and they are thousands.
 */
const known = (is: Is): Is => {
  const found = new WeakSet();
  return (value) => {
    if (!isObject(value)) return false;
    if (found.has(value)) return true;
    const right = is(value);
    if (right) found.add(value);
    return right;
  };
};

const measured = {
  rate: maybe(figure),
  errors: maybe(figure),
  refused: maybe(figure),
  p50: maybe(figure),
  p90: maybe(figure),
  p99: maybe(figure),
};

const endpoint = shaped({
  state: one('up', 'draining', 'unhealthy', 'ejected', 'probing'),
  weight: figure,
  inFlight: figure,
  latency: maybe(figure),
  zone: maybe(text),
  standby: maybe(figure),
});

const service = shaped({
  circuit: one('closed', 'open', 'half-open'),
  forced: maybe(one('open', 'closed')),
  ...{ rate: figure, failures: figure, errors: figure, calls: figure, p50: maybe(figure), p90: maybe(figure), p99: maybe(figure) },
  ...{ inFlight: figure, limit: figure, queued: figure, queue: figure, opensAt: figure, volume: figure, up: figure, members: figure },
  counts: named(figure),
  endpoints: named(endpoint),
  discovery: maybe(shaped({ answered: truth, failure: maybe(text), failingFor: maybe(figure) })),
});

const change = shaped({ at: figure, revision: text, from: text, cause: text, note: maybe(text), summary: list(text) });

/** As far as core/admin/gateway-state.ts makes it and the page rests on it; what is more is let be. */
export const isState: Is = shaped({
  revision: text,
  postern: text,
  ...{ at: figure, started: figure, overload: figure },
  ready: shaped({ ok: truth, failing: list(text) }),
  services: known(named(known(service))),
  routes: known(named(known(shaped({ match: text, service: text, access: text, limit: maybe(text), ...measured })))),
  total: maybe(shaped({ ...measured, refusedBy: named(figure) })),
  who: maybe(list(shaped({ name: text, ...measured }))),
  traffic: maybe(list(shaped({ from: text, service: text, rate: figure, errors: figure }))),
  registry: maybe(shaped({ url: text, applications: figure, evicting: truth, statuses: named(figure) })),
  reload: maybe(shaped({ at: figure, ok: truth, cause: text, findings: list(text), needsRestart: list(text), changes: list(change) })),
});
