/**
 * The states of all services for the dashboard. Each turn makes anew as many as cost next to nothing, one after the other, and those
 * whose circuit has changed; of the rest is told what was told before, by the same object, which a reader need not look into.
 */
import type { Clock } from '../clock.ts';
import type { ServiceView } from '../upstream/service-view.ts';
import { serviceState } from './service-state.ts';
import type { JsonObject } from './state-change.ts';

/** Milliseconds of a turn, which there is one of each second: a thousandth of a core, in which some fifty services have room. */
const BUDGET = 1;

interface Told {
  readonly of: ServiceView;
  readonly circuit: string;
  readonly forced: string | undefined;
  readonly state: JsonObject;
}

export function servicesState(clock: Clock, services: () => readonly ServiceView[]): (now: number) => JsonObject {
  let told = new Map<string, Told>();
  let next = 0;
  return (now) => {
    const all = services();
    const began = clock.now();
    const states = new Map<string, Told>();
    for (const service of all) {
      const before = told.get(service.name);
      states.set(service.name, before && isStill(before, service) ? before : tell(service, now));
    }
    for (let count = 0; count < all.length && clock.now() - began < BUDGET; count += 1) {
      next = (next + 1) % all.length;
      const service = all[next];
      const isNew = service === undefined || states.get(service.name) !== told.get(service.name);
      if (!isNew) states.set(service.name, tell(service, now));
    }
    told = states;
    return Object.fromEntries(Array.from(states, ([name, { state }]) => [name, state]));
  };
}

const isStill = ({ of, circuit, forced }: Told, service: ServiceView): boolean =>
  of === service && circuit === service.breaker.state && forced === service.breaker.forced;

const tell = (service: ServiceView, now: number): Told => ({
  of: service,
  circuit: service.breaker.state,
  forced: service.breaker.forced,
  state: serviceState(service, now),
});
