/** No route leads to an admin port or the registry; and an admin port that the whole network reaches is meant to be. */
import { error, type Remark, warning } from '../finding.ts';
import { isEveryAddress } from '../hosts.ts';
import { ownPlaceAt, ownPlaces as placesOf } from '../own-places.ts';
import type { Check } from './check.ts';

export const ownPlaces: Check = (config) => {
  const places = placesOf(config);
  const led = Object.entries(config.services).flatMap(([name, { endpoints = [] }]) =>
    endpoints.flatMap((endpoint, at): Remark[] => {
      const url = URL.parse(typeof endpoint === 'string' ? endpoint : endpoint.url);
      const place = url && ownPlaceAt(url, places);
      if (!place) return [];
      const message = `is ${place.path.join('.')}, which who may call the service would reach; it belongs to no service`;
      return [
        error(['services', name, 'endpoints', at], message, {
          from: [
            [...place.path, 'host'],
            [...place.path, 'port'],
          ],
        }),
      ];
    }),
  );
  const open = (['public', 'private'] as const)
    .map((section) => [section, config[section].admin] as const)
    // Who names a token has thought of it.
    .filter(([, { host, token }]) => isEveryAddress(host) && token === undefined)
    .map(([section]) =>
      warning(
        [section, 'admin', 'host'],
        'is every address of the machine: let no network from outside lead to this port, and give it a token, or name an address inside',
      ),
    );
  return [...led, ...open];
};
