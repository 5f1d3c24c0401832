/** A source that begins with what was last known before the gateway was started, until it knows better. */
import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../clock.ts';
import type { Origin } from './last-known.ts';
import type { LastKnownFile } from './last-known-file.ts';
import type { Source } from './source.ts';

/**
 * Milliseconds that those are used on whom a registry that lost everybody does not know: a common lease of Eureka
 * (`lease.duration`), in which those who live register again.
 */
const LEASE = 90_000;
/** Milliseconds: those who were there so short a time ago may well be missing only because the registry was started anew too. */
const RECENT = 15 * 60_000;

export function remembered(source: Source, service: string, from: Origin, file: LastKnownFile, clock: Clock): Source {
  const before = file.recall(service, from);
  /** Until when an answer of none is not believed, on the clock; undefined before the first answer. */
  let patientUntil: number | undefined;
  let timer: NodeJS.Timeout | undefined;
  let kept: Source['answer'];

  /** Whether what was known before stands in. */
  const standsIn = () =>
    before !== undefined && (source.answer === undefined || (source.answer.length === 0 && clock.now() < (patientUntil ?? 0)));

  const changed = file.keep(service, () => {
    if (source.answer === undefined || standsIn()) return before;
    if (source.answer.length === 0) return undefined;
    const failedFor = source.failure ? clock.now() - source.failure.since : 0;
    return { from, at: Math.round(clock.epoch() - failedFor), endpoints: source.answer };
  });

  return {
    get answer() {
      return standsIn() ? before?.endpoints : source.answer;
    },
    get failure() {
      return source.failure;
    },
    get answered() {
      return source.answer !== undefined;
    },
    get asOf() {
      return standsIn() ? before?.at : undefined;
    },
    fixed: source.fixed,
    start(onChange) {
      source.start(() => {
        if (patientUntil === undefined && source.answer !== undefined) {
          const patient = from.registry === 'eureka' && before && source.answer.length === 0 && clock.epoch() - before.at < RECENT;
          patientUntil = clock.now() + (patient ? LEASE : 0);
          if (patient) timer = setTimeout(onChange, LEASE).unref();
        }
        // Once there was somebody, an answer of none means what it says.
        if (source.answer && source.answer.length > 0) patientUntil = 0;
        // Who is asked again and again says the same again and again.
        if (!isDeepStrictEqual(kept, source.answer)) changed();
        kept = source.answer;
        onChange();
      });
      if (source.answer === undefined && before) onChange();
    },
    stop() {
      clearTimeout(timer);
      source.stop();
    },
  };
}
