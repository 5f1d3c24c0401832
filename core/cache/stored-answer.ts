/** What a client is told from the store: the whole, a part, or that it has it already. */
import { bodiless } from '../config/schema/routes.ts';
import { oneOf } from '../upstream/fields.ts';
import { UpstreamResponse } from '../upstream/response.ts';
import { hasField, without } from '../upstream/response-headers.ts';
import { partOf } from './range.ts';
import type { Stored } from './store.ts';
import { conditionsOf, isUnchanged, matchesIfRange, notModifiedFields } from './validation.ts';

export interface Asking {
  readonly method: string;
  /** Of the request, flat. */
  readonly fields: readonly string[];
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** @param age seconds, now */
export function storedAnswer(stored: Stored, age: number, { method, fields: asked, now }: Asking): UpstreamResponse {
  const { status, fields, body } = stored;
  const given = ['Age', String(Math.floor(age))];
  // Conditions are of those who would otherwise get what is there (RFC 9110 section 13.2.1).
  if (status < 300 && isUnchanged(fields, conditionsOf(asked), now))
    return UpstreamResponse.whole(304, [...notModifiedFields(fields), ...given]);
  if (bodiless.has(status)) return UpstreamResponse.whole(status, [...fields, ...given]);
  const range = method === 'GET' && status === 200 ? oneOf(asked, 'range') : undefined;
  const ifRange = oneOf(asked, 'if-range');
  if (range !== undefined && (ifRange === undefined || matchesIfRange(fields, ifRange))) {
    const part = partOf(range, body.length);
    if (part === 'unsatisfiable') return UpstreamResponse.whole(416, ['Content-Range', `bytes */${body.length}`, 'Content-Length', '0']);
    if (part !== 'whole') {
      const bytes = body.subarray(part.first, part.last + 1);
      const head = without(fields, (name) => name === 'content-length' || name === 'content-range');
      const told = ['Content-Range', `bytes ${part.first}-${part.last}/${body.length}`, 'Content-Length', String(bytes.length)];
      return UpstreamResponse.whole(206, [...head, ...told, ...given], bytes);
    }
  }
  if (!hasField(fields, 'content-length')) given.push('Content-Length', String(body.length));
  return UpstreamResponse.whole(status, [...fields, ...given], method === 'HEAD' ? undefined : body);
}
