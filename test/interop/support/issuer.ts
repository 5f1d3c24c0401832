/** A small token issuer: an RSA key, its JWKS behind a URL, and signed access tokens. */
import { createServer } from 'node:http';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { Bench } from './bench.ts';

export interface Issuer {
  /** The `public.jwt` section that trusts it. */
  readonly jwt: { issuer: string; audience: string; jwks: string; algorithms: string[] };
  token(subject: string, claims?: Record<string, unknown>): Promise<string>;
}

export async function startIssuer(bench: Bench): Promise<Issuer> {
  const { publicKey, privateKey } = await generateKeyPair('RS256');
  const keys = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: 'interop', alg: 'RS256', use: 'sig' }] });
  const server = createServer((_request, response) => response.writeHead(200, { 'content-type': 'application/json' }).end(keys));
  const issuer = 'https://id.example.test/';
  const audience = 'interop';
  const port = await bench.listen(server);
  return {
    jwt: { issuer, audience, jwks: `http://127.0.0.1:${port}/.well-known/jwks.json`, algorithms: ['RS256'] },
    token: (subject, claims = {}) =>
      new SignJWT(claims)
        .setProtectedHeader({ alg: 'RS256', kid: 'interop' })
        .setIssuer(issuer)
        .setAudience(audience)
        .setSubject(subject)
        .setIssuedAt()
        .setExpirationTime('10m')
        .sign(privateKey),
  };
}
