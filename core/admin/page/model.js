/** What the page knows of both gateways: their states as the events tell them, and the last two minutes of what it draws lines of. */

/** Milliseconds between two samples of a line, and how many there are: as core/admin/history.ts has them. */
export const EVERY = 2_000;
export const SAMPLES = 60;

/**
 * @typedef {{ rates: number[], failures: number[] }} Line
 * @typedef {object} Gateway
 * @property {string} name
 * @property {any} state undefined while nothing is known of it
 * @property {any} standing of a peer: how it is reached
 * @property {Map<string, Line>} lines by service
 * @property {Line} total
 * @property {number} sampledAt milliseconds since 1970, by its clock
 */

/** After a merge patch (RFC 7396). @param {any} state @param {any} patch @returns {any} */
export function withChange(state, patch) {
  const into = isObject(state) ? { ...state } : {};
  for (const [name, told] of Object.entries(patch)) {
    if (told === null) delete into[name];
    else define(into, name, isObject(told) ? withChange(entryOf(into, name), told) : told);
  }
  return into;
}

/** Names are a user's own: `constructor` is one. @param {any} of @param {string} name */
export const entryOf = (of, name) => (of && Object.hasOwn(of, name) ? of[name] : undefined);

/** @param {unknown} value */
const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Unlike an assignment, this takes `__proto__` for a name. @param {any} into @param {string} name @param {any} value */
function define(into, name, value) {
  Object.defineProperty(into, name, { value, enumerable: true, configurable: true, writable: true });
}

export class Pair {
  /** The own gateway is the first that is told of. @type {Map<string, Gateway>} */
  #gateways = new Map();

  /** @returns {readonly Gateway[]} the public one on the left */
  get gateways() {
    return [...this.#gateways.values()].sort((a, b) => b.name.localeCompare(a.name));
  }

  /** Whose admin port this is. */
  get own() {
    return this.#gateways.values().next().value;
  }

  /** @param {string} name @returns {Gateway | undefined} */
  find(name) {
    return this.#gateways.get(name);
  }

  /** @param {string} event @param {any} data */
  take(event, data) {
    const gateway = this.#of(String(data.gateway));
    if (event === 'peer') {
      gateway.standing = { ...data.standing, url: data.url };
      // What was known of it no longer holds.
      if (data.standing.is === 'away') gateway.state = undefined;
    } else if (event === 'state') {
      const { history, ...state } = data;
      gateway.state = state;
      this.#begin(gateway, history);
    } else if (event === 'change' && gateway.state) {
      gateway.state = withChange(gateway.state, data);
    }
    if (gateway.state) sample(gateway);
  }

  /** @param {string} name @returns {Gateway} */
  #of(name) {
    const known = this.#gateways.get(name);
    if (known) return known;
    const made = { name, state: undefined, standing: undefined, lines: new Map(), total: { rates: [], failures: [] }, sampledAt: 0 };
    this.#gateways.set(name, made);
    return made;
  }

  /** Whatever was missed, the gateway has it. @param {Gateway} gateway @param {any} history */
  #begin(gateway, history) {
    gateway.sampledAt = Number(history?.until ?? 0);
    gateway.lines.clear();
    for (const [name, { rates, failures }] of Object.entries(history?.services ?? {})) gateway.lines.set(name, { rates, failures });
    const lines = [...gateway.lines.values()];
    const length = Math.max(0, ...lines.map(({ rates }) => rates.length));
    const sum = (/** @type {(line: Line) => number[]} */ of) =>
      Array.from({ length }, (_, at) => lines.reduce((all, line) => all + (of(line).at(at - length) ?? 0), 0));
    gateway.total = { rates: sum((line) => line.rates), failures: sum((line) => line.failures) };
  }
}

/** @param {Gateway} gateway */
function sample(gateway) {
  const { state, lines, total } = gateway;
  const passed = state.at - gateway.sampledAt;
  // Its clock may be set back.
  if (Math.abs(passed) < EVERY - 100) return;
  // A pause is a pause, not a line straight through it.
  const missed = gateway.sampledAt === 0 ? 0 : Math.max(0, Math.min(SAMPLES, Math.round(passed / EVERY) - 1));
  gateway.sampledAt = state.at;
  const services = Object.entries(state.services ?? {});
  for (const name of lines.keys()) if (!Object.hasOwn(state.services, name)) lines.delete(name);
  for (const [name, { rate, failures }] of services) {
    const line = lines.get(name) ?? { rates: [], failures: [] };
    lines.set(name, line);
    push(line, missed, rate, failures);
  }
  const sum = (/** @type {string} */ of) => services.reduce((all, [, service]) => all + service[of], 0);
  push(total, missed, sum('rate'), sum('failures'));
}

/** @param {Line} line @param {number} missed @param {number} rate @param {number} failed */
function push({ rates, failures }, missed, rate, failed) {
  for (let at = 0; at < missed; at += 1) {
    rates.push(0);
    failures.push(0);
  }
  rates.push(rate);
  failures.push(failed);
  rates.splice(0, rates.length - SAMPLES);
  failures.splice(0, failures.length - SAMPLES);
}
