/** Where the service redirects to, told by the address by which the client came: the service knows its own only. */
import type { BuiltInOptions } from '../../config/schema/index.ts';
import type { BuiltIn } from './built-in.ts';

export function rewriteLocation({ from = '', to = '' }: BuiltInOptions['rewriteLocation']): BuiltIn {
  const prefix = from.replace(/\/$/, '');
  const replacement = to.replace(/\/$/, '');
  const under = (path: string) => path === prefix || path.startsWith(`${prefix}/`) || path.startsWith(`${prefix}?`);
  return {
    stage: 'post',
    run({ ctx, response: { headers } }) {
      const { client, exchange, outgoing } = ctx.state;
      const endpoint = exchange?.attempts.at(-1)?.endpoint;
      for (const name of ['location', 'content-location']) {
        const value = headers.get(name);
        // What is relative to the path of the request says the same to the client.
        if (value === undefined || !/^(?:https?:)?\//i.test(value)) continue;
        const url = URL.parse(value, endpoint?.url ?? 'http://service');
        if (!url) continue;
        // A stored answer may have come from any of them; one that stands in, from another service.
        const own = url.host === client.host || url.host === endpoint?.url.host || outgoing?.service?.isAt(url.host);
        const relative = value.startsWith('/') && !value.startsWith('//');
        if (!relative && !own) continue;
        const path = url.pathname + url.search + url.hash;
        const rewritten = under(path) ? replacement + path.slice(prefix.length) : path;
        // Two slashes in front would name another host.
        const told = `/${rewritten.replace(/^\/+/, '')}`;
        headers.set(name, relative || client.host === '' ? told : `${client.scheme}://${client.host}${told}`);
      }
    },
  };
}
