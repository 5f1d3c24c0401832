/** The file of the configuration: read as a revision, and replaced whole, never where somebody else has changed it meanwhile. */
import { createHash, randomUUID } from 'node:crypto';
import {
  closeSync,
  fchmodSync,
  fchownSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type Lock, lock } from './lock.ts';

export interface Revision {
  readonly text: string;
  /** As `LoadedConfig.revision`. */
  readonly revision: string;
}

/** The file was changed between reading and replacing it. */
export class Overtaken extends Error {}

/** The file cannot be replaced; the message goes on from "it". */
export class ReadOnly extends Error {}

export const revisionOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 12);

export interface ConfigFile {
  /** As it is now. @throws the system's error @throws TypeError for what is no UTF-8 */
  read(): Revision;
  /** To be held from reading to replacing. @throws Busy @throws ReadOnly */
  lock(): Promise<Lock>;
  /** @param over the revision that is to be replaced @throws Overtaken @throws ReadOnly */
  replace(text: string, over: string, held: Lock): void;
}

export function configFile(name: string): ConfigFile {
  const read = (): Revision => {
    // The end of a pipe may never come.
    if (!statSync(name).isFile()) throw new Error('it is no file');
    const text = new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(name));
    return { text, revision: revisionOf(text) };
  };
  // Where a link leads, both gateways meet.
  const beside = (ending: string) => {
    const real = realpathSync(name);
    return join(dirname(real), `.${basename(real)}.${ending}`);
  };
  return {
    read,
    lock: () => writing(() => lock(beside('lock'))),
    replace(text, over, held) {
      const real = realpathSync(name);
      const part = beside(randomUUID());
      clear(real);
      try {
        write(part, text, real);
        if (!held.isHeld() || read().revision !== over) throw new Overtaken('The file was changed meanwhile');
        renameSync(part, real);
      } catch (error) {
        rmSync(part, { force: true });
        throw readable(error);
      }
      sync(dirname(real));
    },
  };
}

/** What was not renamed yet when a writer was killed; whoever holds the lock is the only one that writes. */
function clear(real: string): void {
  const prefix = `.${basename(real)}.`;
  for (const name of readdirSync(dirname(real)))
    if (name.startsWith(prefix) && UUID.test(name.slice(prefix.length))) rmSync(join(dirname(real), name), { force: true });
}

const UUID = /^(?:lock\.)?[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;

/** With the mode, the mark of its encoding and, where that may be, the owner of the file that it replaces. */
function write(part: string, text: string, like: string): void {
  const { mode, uid, gid } = statSync(like);
  const descriptor = openSync(part, 'wx', 0o600);
  try {
    writeFileSync(descriptor, startsWithMark(like) ? `\uFEFF${text}` : text);
    // Only root gives files away, but others may give theirs to a group that they are in.
    if (!owned(descriptor, uid, gid)) owned(descriptor, -1, gid);
    fchmodSync(descriptor, mode & 0o7777);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Which is no part of the text. */
const startsWithMark = (file: string): boolean => readFileSync(file).subarray(0, 3).equals(Buffer.from('\uFEFF'));

function owned(descriptor: number, uid: number, gid: number): boolean {
  try {
    fchownSync(descriptor, uid, gid);
    return true;
  } catch {
    return false;
  }
}

/** The name of the file is on the disk too. */
function sync(folder: string): void {
  try {
    const descriptor = openSync(folder, 'r');
    fsyncSync(descriptor);
    closeSync(descriptor);
  } catch {
    // Not every file system can.
  }
}

async function writing<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw readable(error);
  }
}

const REASONS: Readonly<Record<string, string>> = {
  EROFS: 'is on a file system that cannot be written to, as a ConfigMap is: change it where it comes from',
  EACCES: 'is in a folder that this process may not write to: let it, or change the file where it comes from',
  EPERM: 'is in a folder that this process may not write to: let it, or change the file where it comes from',
  EBUSY: 'is mounted as a single file, which cannot be replaced: mount its folder instead',
  ENOSPC: 'is on a disk that is full',
  EDQUOT: 'is on a disk that is full',
};

function readable(error: unknown): unknown {
  const reason = REASONS[(error as NodeJS.ErrnoException).code ?? ''];
  return reason === undefined ? error : new ReadOnly(reason, { cause: error });
}
