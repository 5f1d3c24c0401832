/** Users who call the gateway: a signing key, a token for each, and wrk scripts in which they take turns. */
import { exportSPKI, generateKeyPair, SignJWT } from 'jose';
import { takingTimedTurns, takingTurns } from './turns.ts';
import type { Workspace } from './workspace.ts';

export const issuer = 'https://id.example.com/';
export const audience = 'shop';

export interface Users {
  /** File of the public key, for the gateway's configuration. */
  publicKey: string;
  count: number;
  /** File of the wrk script that sends the next request as soon as an answer is there. */
  script: string;
  /** File of the wrk script that waits between the two, pausedFor milliseconds on average. */
  pacedScript: string;
}

export const pausedFor = 4;

export async function makeUsers(space: Workspace, count: number): Promise<Users> {
  const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
  const tokens = await Promise.all(
    Array.from({ length: count }, (_, number) =>
      new SignJWT({ scope: 'orders:read orders:write', plan: 'pro' })
        .setProtectedHeader({ alg: 'RS256', kid: 'load', typ: 'at+jwt' })
        .setIssuer(issuer)
        .setAudience(audience)
        .setSubject(`user-${number}`)
        .setIssuedAt()
        .setExpirationTime('2h')
        .sign(privateKey),
    ),
  );
  const turns = tokens.map((token) => ({ headers: { Authorization: `Bearer ${token}` } }));
  return {
    publicKey: space.write('users.pem', await exportSPKI(publicKey)),
    count,
    script: space.write('users.lua', takingTurns(turns)),
    pacedScript: space.write('users-paced.lua', takingTimedTurns(turns, pausedFor)),
  };
}
