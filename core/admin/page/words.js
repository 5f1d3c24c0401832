/** Figures and states in words: every state has a colour and a word. */
import { number } from '../../page/amounts.js';

/** What a gateway is called. @param {string} name */
export const gatewayName = (name) => (name === 'public-gateway' ? 'Public' : name === 'private-gateway' ? 'Private' : name);

/** @param {number | undefined} value a second */
export const rate = (value) => (value === undefined ? '–' : `${figure(value)}/s`);

/** @param {number | undefined} value */
export function figure(value) {
  if (value === undefined) return '–';
  if (value >= 1_000_000) return `${(value / 1_000_000).toFixed(1)} M`;
  if (value >= 10_000) return `${(value / 1000).toFixed(1)} k`;
  return number(value >= 100 ? Math.round(value) : Number(value.toPrecision(3)));
}

/** @param {number | undefined} value in percent */
export const percent = (value) => (value === undefined ? '–' : `${value > 0 && value < 1 ? '<1' : Math.round(value)} %`);

/** @param {number | undefined} value milliseconds */
export function time(value) {
  if (value === undefined) return '–';
  if (value >= 10_000) return `${(value / 1000).toFixed(1)} s`;
  return value >= 1000 ? `${(value / 1000).toFixed(2)} s` : `${value >= 100 ? Math.round(value) : Number(value.toPrecision(3))} ms`;
}

/** How bad a share of failures is. @param {number} errors in percent @param {boolean} any whether there were calls */
export function levelOf(errors, any) {
  if (!any) return 'quiet';
  if (errors < 1) return 'good';
  return errors < 10 ? 'out' : 'bad';
}

/** @type {Record<string, { words: string, state: string }>} */
const circuits = {
  closed: { words: 'Closed', state: 'good' },
  open: { words: 'Open', state: 'bad' },
  'half-open': { words: 'Half open', state: 'out' },
};

/** Calls that failed or were refused at once, in percent. @param {any} service */
export const shareOf = ({ rate: calls, failures }) => (calls > 0 ? Math.min(100, (failures / calls) * 100) : 0);

/** @param {any} service */
export function circuitOf({ circuit, forced }) {
  const { words, state } = circuits[forced ?? circuit] ?? { words: String(circuit), state: 'unknown' };
  return { words: forced ? `Forced ${words.toLowerCase()}` : words, state: forced === 'closed' ? 'out' : state };
}

/** @type {Record<string, { words: string, state: string }>} */
export const endpointStates = {
  up: { words: 'Up', state: 'good' },
  draining: { words: 'Draining', state: 'wait' },
  probing: { words: 'Probing', state: 'out' },
  ejected: { words: 'Ejected', state: 'out' },
  unhealthy: { words: 'Unhealthy', state: 'bad' },
};

/** What Hystrix calls its events, in words. @type {Record<string, string>} */
export const eventWords = {
  success: 'answered',
  failure: 'failed',
  timeout: 'timed out',
  badRequest: 'bad requests',
  shortCircuited: 'refused by the circuit',
  semaphoreRejected: 'refused, no place free',
  fallbackSuccess: 'fallbacks given',
  fallbackFailure: 'fallbacks failed',
  fallbackMissing: 'without a fallback',
  exceptionThrown: 'errors passed on',
  responseFromCache: 'from the cache',
  cancelled: 'cancelled by the client',
};

/** What stands above a service's needs: the more, the sooner it is to be looked at. @param {any} service */
export function troubleOf(service) {
  const circuit = service.forced ?? service.circuit;
  return (circuit === 'closed' ? 0 : 1000) + (service.members - service.up) * 20 + shareOf(service) * 5 + (service.forced ? 100 : 0);
}
