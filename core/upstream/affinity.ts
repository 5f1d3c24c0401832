/** What ties a client to an endpoint of a service: the key that `consistentHash` goes by, and the sticky cookie. */
import type { HashOn, ServiceConfig } from '../config/schema/index.ts';
import { cookieValues } from '../routing/cookies.ts';

/** What is known of a client. */
export interface ClientFacts {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Of the access token; none without one. */
  readonly claims: Readonly<Record<string, unknown>>;
  readonly address: string;
}

export interface Affinity {
  /** Undefined when the service does not hash, or the client has nothing to go by. */
  hashKey(facts: ClientFacts): string | undefined;
  /** The value of the sticky cookie; undefined without one. */
  stuckTo(facts: ClientFacts): string | undefined;
}

const nothing = () => undefined;

export function affinityOf({ balancer, hashOn, sticky }: Pick<ServiceConfig, 'balancer' | 'hashOn' | 'sticky'>): Affinity {
  return {
    hashKey: balancer === 'consistentHash' ? keyBy(hashOn ?? 'clientAddress') : nothing,
    stuckTo: sticky ? ({ headers }) => cookieValues(headers['cookie'] as string | undefined, sticky.cookie)[0] : nothing,
  };
}

/** What a client is known again by; undefined of one that has none of it. */
export function keyBy(hashOn: HashOn): (facts: ClientFacts) => string | undefined {
  if (hashOn === 'clientAddress') return ({ address }) => address;
  if ('header' in hashOn) {
    const name = hashOn.header.toLowerCase();
    return ({ headers }) => headers[name]?.toString();
  }
  if ('cookie' in hashOn) return ({ headers }) => cookieValues(headers['cookie'] as string | undefined, hashOn.cookie)[0];
  return ({ claims }) => {
    const claim = Object.hasOwn(claims, hashOn.claim) ? claims[hashOn.claim] : undefined;
    return typeof claim === 'string' || typeof claim === 'number' ? String(claim) : undefined;
  };
}
