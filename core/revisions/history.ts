/** The revisions of a configuration so far: a file each, of the last ones, in a folder that gateways of one configuration share. */
import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isMapping } from './written.ts';

export interface Recorded {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly revision: string;
  /** How it came: over the API, or as a file that somebody changed, or was there at the start. */
  readonly cause: 'api' | 'file' | 'rollback';
  /** What was done. */
  readonly note?: string | undefined;
  /** The gateway that recorded it. */
  readonly gateway: string;
}

export interface Kept extends Recorded {
  readonly text: string;
}

export interface History {
  /** Newest first. */
  list(): readonly Recorded[];
  /** The newest of a revision. */
  find(revision: string): Kept | undefined;
  /** Records a revision unless it is the newest already. To be called by who holds the lock of the file. */
  record(entry: Kept): void;
}

const MOST = 50;

/** @param folder undefined where nothing is kept on disk: then what this process saw is kept in memory */
export function history(folder: string | undefined): History {
  return folder === undefined ? remembered() : onDisk(folder);
}

function remembered(): History {
  const entries: Kept[] = [];
  return {
    list: () => entries.map(described),
    find: (revision) => entries.find((entry) => entry.revision === revision),
    record(entry) {
      if (entries[0]?.revision === entry.revision) return;
      entries.unshift(entry);
      entries.splice(MOST);
    },
  };
}

/** By its time, so that the order of names is that of time. */
const NAME = /^(\d{15})-([\da-f]{12})\.json$/;
const PART = /^\.[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;

function onDisk(folder: string): History {
  const names = (): string[] => {
    try {
      return readdirSync(folder)
        .filter((name) => NAME.test(name))
        .sort()
        .reverse();
    } catch {
      return [];
    }
  };
  const revisionIn = (name: string | undefined) => NAME.exec(name ?? '')?.[2];
  const read = (name: string): Kept | undefined => {
    try {
      const kept: unknown = JSON.parse(readFileSync(join(folder, name), 'utf8'));
      return isMapping(kept) && typeof kept['text'] === 'string' && typeof kept['at'] === 'number' ? (kept as unknown as Kept) : undefined;
    } catch {
      // Taken out by the other gateway meanwhile, or no file of ours.
      return undefined;
    }
  };
  /** What was read once is not read again: none of them changes. */
  let known: ReadonlyMap<string, Recorded> = new Map();
  return {
    list() {
      const found = names().flatMap((name): [string, Recorded][] => {
        const one = known.get(name) ?? read(name);
        return one ? [[name, described(one)]] : [];
      });
      known = new Map(found);
      return found.map(([, one]) => one);
    },
    find(revision) {
      for (const name of names()) {
        const kept = revisionIn(name) === revision ? read(name) : undefined;
        if (kept) return kept;
      }
      return undefined;
    },
    record(entry) {
      const [newest, ...older] = names();
      if (revisionIn(newest) === entry.revision) return;
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      // Behind the newest, whatever the clock says.
      const at = Math.max(entry.at, Number(NAME.exec(newest ?? '')?.[1] ?? 0) + 1);
      const name = `${String(Math.round(at)).padStart(15, '0')}-${entry.revision}.json`;
      // Of who was killed while he wrote one.
      for (const left of readdirSync(folder)) if (PART.test(left)) rmSync(join(folder, left), { force: true });
      const part = join(folder, `.${randomUUID()}`);
      // It may have secrets.
      writeFileSync(part, JSON.stringify({ ...entry, at: Math.round(at) }), { mode: 0o600, flush: true });
      renameSync(part, join(folder, name));
      for (const old of [newest, ...older].slice(MOST - 1)) if (old) rmSync(join(folder, old), { force: true });
    },
  };
}

/** Without the text, which may have secrets; and without what another version may have kept. */
const described = ({ at, revision, cause, note, gateway }: Recorded): Recorded => ({ at, revision, cause, note, gateway });
