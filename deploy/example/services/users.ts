/** Profiles. It trusts the path it is called by: the gateway has put the user's own name there. */
import { createServer, type Server } from 'node:http';
import { json } from './json.ts';

export function createUsers(): Server {
  return createServer((req, res) => {
    const name = decodeURIComponent(/^\/users\/([^/]+)$/.exec(req.url ?? '')?.[1] ?? '');
    if (name === '') return json(res, 404, { error: 'no such user' });
    return json(res, 200, { name, plan: 'pro', seenBy: req.headers['x-forwarded-for'] });
  });
}
