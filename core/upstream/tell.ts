/** Tells the statistics of a call, or of one try, when it is over: when its answer is whole, or was cut, or there is none. */
import type { Clock } from '../clock.ts';
import { asProblem } from '../problem.ts';
import type { Occurrence } from '../telemetry/figures.ts';
import type { Exchange } from './exchange.ts';
import type { UpstreamResponse } from './response.ts';

export type Tell = (occurrence: Occurrence, now: number, exchange: Exchange) => void;

/** @param milliseconds to the first byte of the answer */
export function tellAnswered(exchange: Exchange, response: UpstreamResponse, milliseconds: number, clock: Clock, tell: Tell): void {
  // As the service said it: a filter may say otherwise.
  const { status } = response;
  // What is joined now can last for days.
  if (status === 101) {
    tell({ status, problem: undefined, bytesIn: 0, bytesOut: 0, milliseconds: undefined }, clock.now(), exchange);
    return;
  }
  response.whenDone((problem) => {
    const bytesIn = exchange.body?.bytes ?? 0;
    tell({ status, problem, bytesIn, bytesOut: response.bytes, milliseconds }, clock.now(), exchange);
  });
}

export function tellFailed(exchange: Exchange, error: unknown, milliseconds: number, clock: Clock, tell: Tell): void {
  const bytesIn = exchange.body?.bytes ?? 0;
  tell({ status: undefined, problem: asProblem(error), bytesIn, bytesOut: 0, milliseconds }, clock.now(), exchange);
}
