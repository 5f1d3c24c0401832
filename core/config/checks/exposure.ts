/** Routes have a way in, and what is asked of users can be asked. */

import { error, type Remark } from '../finding.ts';
import type { Check } from './check.ts';

export const exposure: Check = ({ routes, public: { jwt } }) =>
  routes.flatMap(({ expose }, index) => {
    const place = ['routes', index, 'expose'];
    const { public: edge, private: inside } = expose;
    const remarks: Remark[] = [];
    if (edge === undefined && inside === undefined)
      remarks.push(error(place, 'names no gateway, so nobody can reach the route; name public, private or both'));
    if (edge === undefined) return remarks;
    if (edge.access !== 'anonymous') {
      if (jwt === undefined)
        remarks.push(
          error([...place, 'public'], 'needs a user, but public.jwt, which says how users are known, is missing', {
            from: [['public', 'jwt']],
          }),
        );
      return remarks;
    }
    for (const key of ['scopes', 'claims'] as const) {
      if (edge[key] !== undefined)
        remarks.push(
          error([...place, 'public', key], 'cannot be asked of an anonymous caller; drop it, or access: anonymous', { atKey: true }),
        );
    }
    return remarks;
  });
