/** The answers of two registries side by side. */
import { readXml } from '../../../core/eureka/xml.ts';
import { type Form, forms, type Step } from './conversation.ts';

export interface Answered {
  readonly status: number;
  readonly type: string;
  readonly encoding: string;
  readonly body: unknown;
}

/** @param registry e.g. `http://127.0.0.1:8761/eureka` */
export async function answerOf(registry: string, { method, path, headers = {}, body }: Step, form: Form): Promise<Answered> {
  const isXml = typeof body === 'string';
  const sent: RequestInit =
    body === undefined
      ? { headers: { 'accept-encoding': 'identity', ...forms[form], ...headers } }
      : {
          body: isXml ? body : JSON.stringify(body),
          headers: {
            'accept-encoding': 'identity',
            ...forms[form],
            ...headers,
            'content-type': isXml ? 'application/xml' : 'application/json',
          },
        };
  const response = await fetch(`${registry}${path}`, { method, ...sent });
  const text = await response.text();
  const { status } = response;
  // The page of an error is the server's, and no part of the protocol; a reason is.
  if (status >= 400 && status !== 409)
    return { status, type: '', encoding: '', body: /^(Missing|Mismatched)/.test(text) ? text.trim() : '' };
  const [type = ''] = (response.headers.get('content-type') ?? '').split(';');
  const encoding = response.headers.get('content-encoding') ?? '';
  if (text === '') return { status, type: '', encoding, body: '' };
  return { status, type, encoding, body: timeless(text.startsWith('<') ? readXml(text) : JSON.parse(text)) };
}

/** Times as whether there is one; versions, which count differently, not at all; of a delta each instance once, as it is in the end. */
function timeless(value: unknown): unknown {
  if (Array.isArray(value)) return latest(value.map(timeless));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, inner]) => {
      if (name === 'versions__delta') return [];
      if (/Timestamp$/.test(name) && name !== 'lastDirtyTimestamp') return [[name, Number(inner) > 0]];
      return [[name, timeless(inner)]];
    }),
  );
}

/** Of those with one name the last; in order of the names, for neither server promises one. */
function latest(items: readonly unknown[]): unknown[] {
  const named = new Map(items.map((item, at) => [nameOf(item) ?? String(at), item]));
  return [...named].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, item]) => item);
}

function nameOf(item: unknown): string | undefined {
  const { instanceId, hostName, name } = (item ?? {}) as Partial<Record<string, string>>;
  return instanceId ?? hostName ?? name;
}
