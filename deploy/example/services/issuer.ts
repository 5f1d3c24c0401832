/** The demo's token issuer: a key made at start, its public half at /.well-known/jwks.json, and tokens for the asking. */
import { createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { createServer, type Server } from 'node:http';

export interface Issuer {
  readonly server: Server;
  /** A token for an hour, as a user with these scopes. */
  token(subject: string, scopes: string): string;
}

/** @param issuer the claim `iss` */
export function createIssuer(issuer: string): Issuer {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const kid = 'demo';
  const keys = { keys: [{ ...createPublicKey(privateKey).export({ format: 'jwk' }), kid, alg: 'RS256', use: 'sig' }] };
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');

  const token = (sub: string, scope: string) => {
    const now = Math.floor(Date.now() / 1000);
    const payload = { iss: issuer, aud: 'shop', sub, scope, iat: now, exp: now + 3600 };
    const signed = `${encode({ alg: 'RS256', typ: 'at+jwt', kid })}.${encode(payload)}`;
    return `${signed}.${sign('sha256', Buffer.from(signed), privateKey).toString('base64url')}`;
  };

  const server = createServer((req, res) => {
    const url = URL.parse(req.url ?? '/', issuer);
    if (!url) return void res.writeHead(400).end();
    const { pathname, searchParams } = url;
    if (pathname === '/.well-known/jwks.json') {
      res.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(keys));
    } else if (pathname === '/token') {
      res.writeHead(200, { 'Content-Type': 'text/plain' });
      res.end(token(searchParams.get('sub') ?? 'ada', searchParams.get('scope') ?? 'orders:read orders:write'));
    } else {
      res.writeHead(404).end();
    }
  });
  return { server, token };
}
