/** `POST /cache/purge`: takes answers out of the store, for an operator who knows that they no longer hold. */
import type { Context } from 'koa';
import type { Store, Stored } from '../cache/store.ts';
import { resourceOf } from '../middleware/cache-visit.ts';
import { canonicalTarget } from '../routing/canonical-path.ts';
import { bodyOf } from './api/request.ts';
import { AdminProblem } from './problem.ts';

/** What is told of each stored answer, and of those on their way in, whose query is not known yet. */
type Of = Pick<Stored, 'resource' | 'route'> & Partial<Pick<Stored, 'query' | 'queryOf'>>;

/** Answers with the number of answers that were taken out. The body is of the shape that the document of the port says. */
export function purge(store: Store): (ctx: Context) => void {
  return function purge(ctx) {
    ctx.body = { purged: store.purge(fitting(bodyOf<Asked>(ctx))) };
  };
}

interface Asked {
  readonly route?: string;
  readonly url?: string;
  readonly all?: true;
}

function fitting({ route, url }: Asked): (of: Of) => boolean {
  if (route !== undefined) return (of) => of.route === route;
  return url === undefined ? () => true : ofUrl(url);
}

/** Without a query, whatever query there is. */
function ofUrl(text: string): (of: Of) => boolean {
  try {
    const { host, pathname } = new URL(text);
    const resource = resourceOf(host, canonicalTarget(pathname).path);
    // As it is written, as it is in requests: `URL` encodes some of it.
    const query = /\?([^#]*)/.exec(text)?.[1] ?? '';
    return (of) => of.resource === resource && (query === '' || of.query === undefined || of.query === of.queryOf?.(query));
  } catch {
    throw new AdminProblem('bad-request', { detail: 'The url must be absolute, as clients ask for it' });
  }
}
