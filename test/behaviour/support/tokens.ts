/** Access tokens for a gateway that shares a secret with their issuer. */
import { SignJWT } from 'jose';

const SECRET = 'a secret that both sides of these tests know';

/** `public.jwt` for a gateway that takes them. */
export const jwt = { issuer: 'https://id.example.com/', audience: 'shop', secret: SECRET };

export function tokenFor(subject: string, claims: Readonly<Record<string, unknown>> = {}): Promise<string> {
  return new SignJWT({ ...claims })
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuer(jwt.issuer)
    .setAudience(jwt.audience)
    .setSubject(subject)
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign(new TextEncoder().encode(SECRET));
}

/** The header field of a user. */
export const as = async (subject: string): Promise<{ authorization: string }> => ({ authorization: `Bearer ${await tokenFor(subject)}` });
