/** The embedded registry is for declared callers, so there must be one; its peers are others than itself, and each another. */
import { error, type Remark, warning } from '../finding.ts';
import { hostOf, isEveryAddress, isLoopback } from '../hosts.ts';
import type { Config } from '../schema/index.ts';
import type { Check, CheckContext } from './check.ts';

export const registry: Check = (config, context) => [...forSomebody(config), ...peers(config, context)];

function forSomebody({ registry: { embedded }, private: { callers } }: Config): Remark[] {
  if (!embedded || Object.values(callers).some(({ from, certificate }) => from !== undefined && certificate === undefined)) return [];
  return [
    warning(['registry', 'embedded'], 'can be used by nobody: no caller under private.callers is known by its address alone', {
      atKey: true,
      from: [['private', 'callers']],
    }),
  ];
}

function peers({ registry: { embedded } }: Config, { isGiven }: CheckContext): Remark[] {
  if (!embedded) return [];
  const { host, port, peers: given } = embedded;
  // What is no URL is told of by its format.
  const places = given.map((text) => URL.parse(text));
  const remarks = places.flatMap((url, at) => {
    const path = ['registry', 'embedded', 'peers', at];
    if (!url) return [];
    if (url.search !== '') return [error(path, 'has a query, where the path of a request is to follow')];
    const former = places.slice(0, at).findIndex((earlier) => earlier && placeOf(earlier) === placeOf(url));
    if (former !== -1) return [error(path, 'is there already', { from: [['registry', 'embedded', 'peers', former]] })];
    if (Number(portOf(url)) === port && isHere(hostOf(url), host))
      return [error(path, 'is the embedded registry itself', { from: [['registry', 'embedded', 'port']] })];
    return [];
  });
  if (given.length === 0 && isGiven(['registry', 'embedded', 'waitWhenEmpty']))
    remarks.push(error(['registry', 'embedded', 'waitWhenEmpty'], 'belongs to peers, of which there are none', { atKey: true }));
  return remarks;
}

/** One registry, with whatever path: `/eureka/v2` is `/eureka`. */
const placeOf = (url: URL): string => `${url.hostname}:${portOf(url)}`;

const portOf = ({ port, protocol }: URL): string => port || (protocol === 'https:' ? '443' : '80');

/** Of names only the machine itself can know. */
function isHere(host: string, listening: string): boolean {
  return host === listening || (isEveryAddress(listening) ? isLoopback(host) : host === 'localhost' && isLoopback(listening));
}
