/** A source that begins with what was last known before the gateway was started, until it knows better. */
import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../clock.ts';
import type { LastKnown, Origin } from './last-known.ts';
import type { LastKnownFile } from './last-known-file.ts';
import type { Discovered, Source } from './source.ts';

/**
 * Milliseconds that those of before are used beside the answers of a registry that lost everybody: a common lease of Eureka
 * (`lease.duration`), in which those who live register again.
 */
const LEASE = 90_000;
/**
 * Milliseconds: those who were there so short a time ago are likely missing only because the registry was started anew too. After
 * longer it may be that all was, and calls to where they were would only fail.
 */
const RECENT = 2 * 60_000;

export function remembered(source: Source, service: string, from: Origin, file: LastKnownFile, clock: Clock): Source {
  const before = file.recall(service, from);
  /** Those of before who are used beside the answer of now. */
  let awaited: readonly Discovered[] = [];
  let timer: NodeJS.Timeout | undefined;
  /** The answer that was last seen. */
  let seen: Source['answer'];

  /** A registry that knows nobody may have been started anew as well. */
  const isDoubtful = (answer: readonly Discovered[]) =>
    from.registry === 'eureka' && answer.length === 0 && before !== undefined && Math.abs(clock.epoch() - before.at) < RECENT;

  const known = (): LastKnown | undefined => {
    if (source.answer === undefined) return before;
    const endpoints = [...source.answer, ...awaited];
    if (endpoints.length === 0) return undefined;
    const failedFor = source.failure ? clock.now() - source.failure.since : 0;
    return { from, at: awaited.length > 0 && before ? before.at : Math.round(clock.epoch() - failedFor), endpoints };
  };
  const changed = file.keep(service, known);

  const see = (answer: readonly Discovered[], onChange: () => void) => {
    if (seen === undefined && isDoubtful(answer)) {
      awaited = before?.endpoints ?? [];
      timer = setTimeout(() => {
        awaited = [];
        onChange();
      }, LEASE).unref();
    }
    // Whoever is there again is awaited no more, and may leave.
    awaited = awaited.filter(({ origin }) => !answer.some((found) => found.origin === origin));
    // Who is asked again and again says the same again and again.
    if (!isDeepStrictEqual(seen, answer)) changed();
    seen = answer;
  };

  return {
    get answer() {
      if (source.answer === undefined) return before?.endpoints;
      return awaited.length === 0 ? source.answer : [...source.answer, ...awaited];
    },
    get failure() {
      return source.failure;
    },
    get answered() {
      return source.answer !== undefined;
    },
    get asOf() {
      return source.answer === undefined || awaited.length > 0 ? before?.at : undefined;
    },
    fixed: source.fixed,
    start(onChange) {
      source.start(() => {
        if (source.answer) see(source.answer, onChange);
        onChange();
      });
      if (source.answer === undefined && before) onChange();
    },
    stop() {
      clearTimeout(timer);
      file.forget(service, known);
      source.stop();
    },
  };
}
