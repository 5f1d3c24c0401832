/** Requests and answers held against an operation. */
import { decoded, kindOfBody, Malformed, valuesOf } from './body.ts';
import { mended } from './coerce.ts';
import type { Contract, FoundOperation } from './contract.ts';
import { type Fault, inBody } from './fault.ts';
import { matching } from './media-type.ts';
import type { Answer, Media } from './operation.ts';
import { faultsOf, type Given } from './parameter.ts';
import type { Pair } from './style.ts';
import { pairsOf } from './style.ts';
import type { Validators } from './validators.ts';

export interface RequestHead {
  readonly query: string;
  header(lowerName: string): string | undefined;
}

export function parameterFaults({ requests }: Contract, { operation, params }: FoundOperation, { query, header }: RequestHead): Fault[] {
  const given: Given = { path: params, query: pairsOf(query), cookies: cookiesOf(header('cookie') ?? ''), header };
  return operation.parameters.flatMap((parameter) => {
    const claimed = parameter.in === 'query' ? operation.claimed.query : operation.claimed.cookie;
    return faultsOf(parameter, given, claimed, requests);
  });
}

export function headerFaults({ responses }: Contract, { headers }: Answer, header: RequestHead['header']): Fault[] {
  const given: Given = { path: {}, query: [], cookies: [], header };
  return headers.flatMap((parameter) => faultsOf(parameter, given, new Set(), responses));
}

/** What an answer of a status is to be like; undefined where the operation has none. */
export function answerOf({ operation: { answers } }: FoundOperation, status: number): Answer | undefined {
  return answers.get(String(status)) ?? answers.get(`${Math.floor(status / 100)}XX`) ?? answers.get('default');
}

/** The media type of a body among those of a contract: undefined where it is none of them. */
export const mediaOf = (content: ReadonlyMap<string, Media>, type: string | undefined): Media | undefined =>
  type === undefined ? undefined : matching(type, content);

/** @param limit bytes, without codings. Undefined when the body is larger. @throws TooComplex */
export async function bodyFaults(
  validators: Validators,
  media: Media,
  body: Buffer,
  { type, encoding, limit }: { type: string; encoding: string | undefined; limit: number },
): Promise<readonly Fault[] | undefined> {
  const { schema } = media;
  const kind = kindOfBody(type, media);
  if (schema === undefined || kind === 'opaque') return [];
  try {
    const plain = await decoded(body, encoding, limit);
    if (!plain) return undefined;
    const values = valuesOf(plain, type, kind, media.shape, media.encodings);
    if (values.some((value) => validators.accepts(schema, value, plain.length))) return [];
    const violations = validators.violations(schema, values[0], plain.length);
    if (values.length > 1) {
      const paths = violations.map(({ path }) => path);
      if (validators.accepts(schema, mended(values[0], values[1], paths), plain.length)) return [];
    }
    return inBody(violations);
  } catch (problem) {
    if (problem instanceof Malformed) return [{ in: 'body', pointer: '#', detail: problem.message }];
    throw problem;
  }
}

function cookiesOf(field: string): Pair[] {
  return field.split(';').flatMap((pair): Pair[] => {
    const equals = pair.indexOf('=');
    return equals === -1 ? [] : [[pair.slice(0, equals).trim(), pair.slice(equals + 1).trim()]];
  });
}
