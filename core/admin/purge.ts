/** `POST /cache/purge`: takes answers out of the store, for an operator who knows that they no longer hold. */
import type { Context } from 'koa';
import type { Store, Stored } from '../cache/store.ts';
import { readBody } from '../eureka/body.ts';
import { Refused } from '../eureka/refused.ts';
import { resourceOf } from '../middleware/cache-visit.ts';
import { canonicalTarget } from '../routing/canonical-path.ts';

/** Bytes of a request. */
const LIMIT = 16 * 1024;

const FORM = 'The body must be { "route": name }, { "url": url } or { "all": true }';

/** What is told of each stored answer, and of those on their way in, whose query is not known yet. */
type Of = Pick<Stored, 'resource' | 'route'> & Partial<Pick<Stored, 'query' | 'queryOf'>>;

/** Answers with the number of answers that were taken out; 400, 413 or 415 for a request that cannot be read. */
export function purge(store: Store): (ctx: Context) => Promise<void> {
  return async function purge(ctx) {
    try {
      // A page in a browser may not send it unasked (Fetch standard, CORS-safelisted).
      if (!ctx.is('application/json')) throw new Refused(415, 'The body must be application/json');
      ctx.body = { purged: store.purge(fitting(await readBody(ctx.req, LIMIT))) };
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      ctx.status = error.status;
      ctx.body = { error: error.message };
    }
  };
}

function fitting(asked: unknown): (of: Of) => boolean {
  if (typeof asked !== 'object' || asked === null || Object.keys(asked).length !== 1) throw new Refused(400, FORM);
  const { route, url, all } = asked as { route?: unknown; url?: unknown; all?: unknown };
  if (all === true) return () => true;
  if (typeof route === 'string') return (of) => of.route === route;
  if (typeof url === 'string') return ofUrl(url);
  throw new Refused(400, FORM);
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
    throw new Refused(400, 'The url must be absolute, as clients ask for it');
  }
}
