/** The token of the admin API where the configuration names none: made at the first start, kept for the next ones. */
import { randomBytes, randomUUID } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from '../telemetry/logger.ts';

export const TOKEN_FILE = 'admin-token';

/** Of now: what the configuration names, or else what the folder keeps, which is made when it is asked for and not there. */
export function tokenOf(
  configured: () => string | undefined,
  folder: string | undefined,
  logger: Pick<Logger, 'info' | 'warn'>,
): () => string | undefined {
  let kept: { readonly token: string | undefined; readonly state: string } | undefined;
  return () => {
    const own = configured();
    if (own !== undefined) return own;
    // Again only when the file is another: who asks again and again where it cannot be made shall not fill the log.
    if (kept === undefined || kept.state !== stateOf(folder)) {
      const token = keptToken(folder, logger);
      kept = { token, state: stateOf(folder) };
    }
    return kept.token;
  };
}

/** Another once the file has been replaced, written to or taken out, and when others may read it. */
function stateOf(folder: string | undefined): string {
  if (folder === undefined) return '';
  try {
    const { ino, ctimeMs } = statSync(join(folder, TOKEN_FILE));
    return `${ino} ${ctimeMs}`;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? '';
  }
}

/**
 * The token that the folder keeps. Both gateways have the same, whoever of them comes first; it is never logged.
 *
 * @param folder undefined where nothing is kept
 * @returns undefined where there is none and none can be kept
 */
export function keptToken(folder: string | undefined, logger: Pick<Logger, 'info' | 'warn'>): string | undefined {
  if (folder === undefined) return undefined;
  const file = join(folder, TOKEN_FILE);
  try {
    const token = read(file, logger) ?? made(folder, file, logger);
    if (token === undefined) throw new Error('it is empty: remove it, and another is made');
    return token;
  } catch (error) {
    logger.warn({ event: 'admin-token-unwritten', file, why: error instanceof Error ? error.message : String(error) });
    return undefined;
  }
}

function read(file: string, logger: Pick<Logger, 'warn'>): string | undefined {
  try {
    const token = readFileSync(file, 'utf8').trim();
    if ((statSync(file).mode & 0o077) !== 0) logger.warn({ event: 'admin-token-exposed', file, why: 'others may read it: chmod 600' });
    return token === '' ? undefined : token;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** A link can be made once only, and what it leads to is whole by then. */
function made(folder: string, file: string, logger: Pick<Logger, 'info' | 'warn'>): string | undefined {
  mkdirSync(folder, { recursive: true });
  const part = join(folder, `.${TOKEN_FILE}.${randomUUID()}`);
  writeFileSync(part, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600, flush: true });
  try {
    linkSync(part, file);
    logger.info({ event: 'admin-token-made', file });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(part, { force: true });
  }
  return read(file, logger);
}
