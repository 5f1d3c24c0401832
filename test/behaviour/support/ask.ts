/** One request on a connection of its own, and the answer in a shape that reads well in an expectation. */
import { exchange, type RawAnswer } from '../../support/client.ts';

export interface Asking {
  method?: string;
  headers?: Readonly<Record<string, string>>;
  /** The source address. */
  from?: string;
  body?: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: RawAnswer['headers'];
  readonly body: string;
  /** All of it, as it came. */
  readonly raw: string;
  /** The one value of a field, undefined when it is absent. */
  header(name: string): string | undefined;
  /** The body as the JSON object it is. */
  json(): Record<string, unknown>;
}

export async function ask(
  port: number,
  target = '/',
  { method = 'GET', headers = {}, from = '127.0.0.1', body = '' }: Asking = {},
): Promise<Answer> {
  const fields = { host: 'shop.example', ...headers, ...(body === '' ? {} : { 'content-length': String(Buffer.byteLength(body)) }) };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}`);
  const head = [`${method} ${target} HTTP/1.1`, ...lines, 'Connection: close'];
  const answer = await exchange(port, `${head.join('\r\n')}\r\n\r\n${body}`, from);
  return {
    ...answer,
    header(name) {
      const values = answer.headers[name.toLowerCase()] ?? [];
      if (values.length > 1) throw new Error(`${name} came ${values.length} times`);
      return values[0];
    },
    json: () => JSON.parse(answer.body) as Record<string, unknown>,
  };
}

/** The same of a registry or an admin port, which on its own machine is read by few names. */
export const askInside: typeof ask = (port, target, asking = {}) =>
  ask(port, target, { ...asking, headers: { host: 'localhost', ...asking.headers } });
