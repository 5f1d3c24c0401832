/** The token of the admin API where the configuration names none: made at the first start, kept for the next ones. */
import { randomBytes, randomUUID } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from '../telemetry/logger.ts';

export const TOKEN_FILE = 'admin-token';

/** Of now: what the configuration names, or else what the folder keeps, which is made when it is first asked for. */
export function tokenOf(
  configured: () => string | undefined,
  folder: string | undefined,
  logger: Pick<Logger, 'info' | 'warn'>,
): () => string | undefined {
  let kept: { readonly token: string | undefined } | undefined;
  return () => {
    const own = configured();
    if (own !== undefined) return own;
    // Once, also where it cannot be made: who asks again and again shall not fill the log.
    kept ??= { token: keptToken(folder, logger) };
    return kept.token;
  };
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
    return read(file, logger) ?? made(folder, file, logger);
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
