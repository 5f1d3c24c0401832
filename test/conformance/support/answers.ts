/** Reading what came: the problem an answer tells of, the fields of a head, a chunked body put together. */
import { expect } from 'chai';
import type { RawAnswer } from '../../support/client.ts';

/** That the answer is the problem document of this code, with this status. */
export function expectProblem({ status, headers, body, raw }: RawAnswer, expectedStatus: number, code: string): void {
  expect(status, raw).to.equal(expectedStatus);
  expect(headers['content-type'], raw).to.deep.equal(['application/problem+json']);
  expect(JSON.parse(body).code).to.equal(code);
}

/** The values of a field in a head as it was written, in order. */
export function fieldsOf(head: string, name: string): string[] {
  return linesOf(head)
    .filter((line) => line.toLowerCase().startsWith(`${name.toLowerCase()}:`))
    .map((line) => line.slice(name.length + 1).trim());
}

/** The lower-case names of a head's fields. */
export function namesOf(head: string): string[] {
  return linesOf(head)
    .slice(1)
    .map((line) => line.slice(0, line.indexOf(':')).toLowerCase());
}

export function linesOf(message: string): string[] {
  return message.slice(0, message.indexOf('\r\n\r\n')).split('\r\n');
}

/** What stands behind the head. */
export function bodyOf(message: string): string {
  return message.slice(message.indexOf('\r\n\r\n') + 4);
}

/** A chunked body put together; undefined when its last chunk is missing. */
export function unchunked(body: string): { data: string; trailers: string } | undefined {
  let data = '';
  for (let at = 0; ; ) {
    const end = body.indexOf('\r\n', at);
    if (end === -1) return undefined;
    const size = Number.parseInt(body.slice(at, end), 16);
    if (size === 0) {
      const trailers = body.slice(end + 2);
      return trailers.endsWith('\r\n') ? { data, trailers: trailers.slice(0, -2) } : undefined;
    }
    data += body.slice(end + 2, end + 2 + size);
    at = end + 4 + size;
  }
}
