/** Gradient2 as concurrency-limits has it, with its windows of a second, beside which ours is measured. */
import type { SimulatedLimit } from './simulated-service.ts';

export class PlainGradient implements SimulatedLimit {
  readonly #min: number;
  readonly #max: number;
  #limit: number;
  #long = 0;
  #windows = 0;
  #samples: number[] = [];
  #mostInFlight = 0;
  #endsAt = 1000;

  constructor({ min, max }: { min: number; max: number }) {
    this.#min = min;
    this.#max = max;
    this.#limit = min;
  }

  current(): number {
    return Math.floor(this.#limit);
  }

  observe(rtt: number, inFlight: number, _dropped: boolean, now: number): void {
    this.#samples.push(rtt);
    this.#mostInFlight = Math.max(this.#mostInFlight, inFlight);
    if (now < this.#endsAt) return;
    const short = this.#samples.reduce((sum, one) => sum + one, 0) / this.#samples.length;
    if (this.#samples.length >= 10) this.#update(short, this.#mostInFlight);
    this.#samples = [];
    this.#mostInFlight = 0;
    this.#endsAt = now + 1000;
  }

  #update(short: number, inFlight: number): void {
    this.#windows += 1;
    const long = this.#long + (short - this.#long) * (this.#windows <= 10 ? 1 / this.#windows : 2 / 601);
    this.#long = long > 2 * short ? long * 0.95 : long;
    if (inFlight < this.#limit / 2) return;
    const gradient = Math.max(0.5, Math.min(1, (1.5 * long) / short));
    const wanted = this.#limit * gradient + 4;
    this.#limit = Math.max(this.#min, Math.min(this.#max, this.#limit * 0.8 + wanted * 0.2));
  }
}
