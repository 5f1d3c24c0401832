/** Where the scopes are listed (`public.jwt.scopes`), routes ask for no other. */

import { error } from '../finding.ts';
import { didYouMean } from '../nearest.ts';
import type { Check } from './check.ts';

export const scopes: Check = ({ routes, public: { jwt } }) =>
  routes.flatMap(({ expose }, index) =>
    (expose.public?.scopes ?? []).flatMap((scope, position) => {
      const place = ['routes', index, 'expose', 'public', 'scopes', position];
      // The claim is a list with spaces between (RFC 6749 section 3.3), so such a scope could never be held.
      if (/\s/.test(scope)) return [error(place, `must be one scope, without spaces, not "${scope}"`)];
      if (jwt?.scopes === undefined || jwt.scopes.includes(scope)) return [];
      return [
        error(place, `${scope} is not listed under public.jwt.scopes`, {
          hint: didYouMean(scope, jwt.scopes),
          from: [['public', 'jwt', 'scopes']],
        }),
      ];
    }),
  );
