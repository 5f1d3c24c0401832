/** Who is asking: the client as an address, the principal as a name. */
import type { Rate } from './config/schema/index.ts';

/** Who is asking, once a gateway has established it. */
export type Principal =
  | { readonly kind: 'anonymous' }
  | {
      readonly kind: 'user';
      readonly subject: string;
      readonly claims: Readonly<Record<string, unknown>>;
      readonly scopes: ReadonlySet<string>;
    }
  | { readonly kind: 'caller'; readonly name: string; readonly rateLimit: Rate | undefined };

/** The client as the outermost trusted hop saw it, and the peer that holds the connection. */
export interface Client {
  readonly address: string;
  readonly scheme: 'http' | 'https';
  /** The host the client asked for, as it wrote it (`example.com:8080`), valid by RFC 9110 section 7.2. */
  readonly host: string;
  readonly peer: string;
  /** Whether the peer is a trusted proxy, so that what it says of others is believed. */
  readonly trusted: boolean;
  /** The `Forwarded` of a trusted proxy, where all of it holds: what is continued. */
  readonly forwarded?: string;
  /** A trusted proxy's fields name two clients, or none that can be read: the request is refused (middleware/limits.ts). */
  readonly contradictory?: true;
}
