/** Where the filters redirect and rewritePath lead: what a header field, or a path, can hold, of what the route has. */
import { error, type Path, type Remark } from '../finding.ts';
import { didYouMean } from '../nearest.ts';
import { placeholders } from '../path-formats.ts';
import type { FilterEntry, RouteConfig } from '../schema/index.ts';

/** @param route undefined for filters of the gateway, which run on all routes and know of no parameters */
export function filterTargets(entry: Exclude<FilterEntry, string>, place: Path, route: RouteConfig | undefined): Remark[] {
  const remarks: Remark[] = [];
  if (entry.redirect) remarks.push(...ofRedirect(entry.redirect.to, [...place, 'redirect', 'to'], route));
  // A group may bring the slash with it.
  if (entry.rewritePath && !/^[/$]/.test(entry.rewritePath.to))
    remarks.push(error([...place, 'rewritePath', 'to'], 'does not begin with /, as every path does'));
  if (entry.rewritePath && !/^[\x21-\x7e]*$/.test(entry.rewritePath.to))
    remarks.push(error([...place, 'rewritePath', 'to'], 'holds a character that no path can: write it percent-encoded'));
  return remarks;
}

function ofRedirect(to: string, place: Path, route: RouteConfig | undefined): Remark[] {
  if (!/^[\x21-\x7e]*$/.test(to)) return [error(place, 'holds a character that no URL can: write it percent-encoded')];
  const { path = '', pathPrefix = '' } = route?.match ?? {};
  const known = ['path', 'query', ...placeholders([path, pathPrefix].filter((text) => !text.startsWith('~')).join(''))];
  const unknown = placeholders(to).filter((name) => !known.includes(name));
  if (unknown.length > 0)
    return unknown.map((name) => {
      const why = route ? 'which the match does not have' : 'but not every route has such a parameter';
      return error(place, `uses {${name}}, ${why}`, { hint: didYouMean(name, known) });
    });
  const told = to.replaceAll('{path}', '/path').replaceAll('{query}', '?query').replaceAll(/[{}]/g, '');
  // Two slashes name another host, by whatever scheme.
  if (/^\/(?![/\\])/.test(told) || (/^https?:\/\//i.test(told) && URL.canParse(told))) return [];
  return [error(place, 'is neither a path nor a URL of http or https')];
}
