/**
 * What a token must look like before any cryptography is tried: compact JWS, canonical, small, with a header that asks for
 * nothing unusual. passport-jwt is lenient in all of these. Keys that a header carries or points to (`jwk`, `jku`, `x5c`,
 * `x5u`) are never read, so nothing is ever fetched on a token's word (RFC 8725 section 3.10).
 */
import { invalidToken, refuse } from './challenges.ts';
import { type JsonObject, parseStrictObject } from './strict-json.ts';

export interface TokenHeader {
  readonly alg: string;
  readonly kid: string | undefined;
  readonly typ: 'jwt' | 'at+jwt' | undefined;
}

const MAX_LENGTH = 8 * 1024;
const MAX_DEPTH = 16;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The header of a well-formed token; anything else is refused. */
export function readShape(token: string, algorithms: ReadonlySet<string>): TokenHeader {
  if (token.length > MAX_LENGTH) refuse(`the token is longer than ${MAX_LENGTH} characters`);
  const parts = token.split('.', 4);
  if (parts.length !== 3) refuse('the token does not have three parts');
  const [header, payload, signature] = parts.map(decode) as [Buffer, Buffer, Buffer];
  if (signature.length === 0) refuse('the signature is empty');
  parse(payload);
  return readHeader(parse(header), algorithms);
}

/** Several spellings of the same bytes would be several tokens to a cache or a log: only the canonical one is taken. */
function decode(part: string): Buffer {
  const bytes = Buffer.from(part, 'base64url');
  if (bytes.toString('base64url') !== part) refuse('a part is not canonical base64url');
  return bytes;
}

function parse(bytes: Buffer): JsonObject {
  try {
    return parseStrictObject(utf8.decode(bytes), MAX_DEPTH);
  } catch (error) {
    throw invalidToken(error);
  }
}

function readHeader(header: JsonObject, algorithms: ReadonlySet<string>): TokenHeader {
  const { alg, kid } = header;
  if (typeof alg !== 'string' || !algorithms.has(alg)) refuse('the algorithm is not one of those configured');
  if (kid !== undefined && typeof kid !== 'string') refuse('kid is not a string');
  // No extension is understood here, so none may be critical (RFC 7515 section 4.1.11); b64 changes what is signed (RFC 7797).
  for (const name of ['crit', 'b64', 'zip', 'enc']) if (Object.hasOwn(header, name)) refuse(`the header has ${name}`);
  return { alg, kid, typ: readType(header.typ) };
}

/**
 * RFC 9068 section 4 wants `at+jwt`, yet most issuers still write `JWT` or nothing: those pass, and claims.ts tells access
 * tokens from ID tokens. Every other type (`dpop+jwt`, `logout+jwt`, `secevent+jwt` ...) is something else, signed by the same key.
 */
function readType(typ: unknown): TokenHeader['typ'] {
  if (typ === undefined) return undefined;
  const name = typeof typ === 'string' ? typ.toLowerCase().replace(/^application\//, '') : '';
  if (name !== 'jwt' && name !== 'at+jwt') refuse('the token is not of a type that carries access');
  return name;
}
