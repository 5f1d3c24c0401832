/** Where instances of a gateway keep what they share: what the URL of a Redis says, what is wrong with it, how it may be shown. */
import { isIP } from 'node:net';

/** As a client is told it. */
export interface StateAddress {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  readonly username: string | undefined;
  readonly password: string | undefined;
  /** The number of the database. */
  readonly database: number;
}

const forms = /^rediss?:\/\/[^\s]+$/;

/** What is wrong with the text, or null; nothing of it is repeated, for it may have a password. */
export function stateReason(text: string): string | null {
  if (text === 'memory') return null;
  const url = forms.test(text) ? URL.parse(text) : null;
  if (url === null) return text.includes('@') ? 'in a password, characters such as @, / and : are written as %40, %2F and %3A' : '';
  if (!isHost(url.hostname)) return 'it has no host that could be called';
  if (url.port === '0') return 'port 0 cannot be called';
  if (url.username !== '' && url.password === '') return 'a user has a password: redis://user:password@host';
  if (url.search !== '' || url.hash !== '' || /[?#]/.test(text)) return 'it has no query and no fragment';
  if (!isDecodable(url.username) || !isDecodable(url.password)) return 'a % in a password is written as %25';
  return /^(\/\d{0,5})?$/.test(url.pathname) ? null : 'a database is a number, as in redis://host:6379/1';
}

/** @param text with which nothing is wrong; undefined for `memory` */
export function stateAddress(text: string): StateAddress | undefined {
  if (text === 'memory') return undefined;
  const { protocol, hostname, port, username, password, pathname } = new URL(text);
  return {
    host: unbracketed(hostname),
    port: port === '' ? 6379 : Number(port),
    tls: protocol === 'rediss:',
    username: username === '' ? undefined : decodeURIComponent(username),
    password: password === '' ? undefined : decodeURIComponent(password),
    database: Number(pathname.slice(1)),
  };
}

/** With something in place of user and password, unless they are names of variables. */
export const withoutPassword = (text: string, instead: string): string =>
  text.replace(/\/\/(.*)@/s, (all, user: string) => (/^(\$\{[A-Za-z_]\w*\})?(:\$\{[A-Za-z_]\w*\})?$/.test(user) ? all : `//${instead}@`));

const unbracketed = (host: string): string => host.replace(/^\[(.*)\]$/, '$1');

const isHost = (host: string): boolean =>
  isIP(unbracketed(host)) !== 0 ||
  (host.length <= 253 && host.split('.').every((label) => /^[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?$/.test(label)));

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
