/** Watches files for changes. Folders are watched, not files: editors put a new file in the place of the old one. */
import { type FSWatcher, readlinkSync, statSync, watch } from 'node:fs';
import { basename, dirname, join, resolve, sep } from 'node:path';
import type { Logger } from '../telemetry/logger.ts';

/** Milliseconds without a further change: an editor or a deployment writes more than once. */
const SETTLED = 100;

/** Links that are followed, as many as Linux does. */
const MOST_LINKS = 40;

interface Watched {
  readonly watcher: FSWatcher;
  readonly identity: string;
}

export interface Watching {
  /** Watches what there is now, where something has come or gone unseen. */
  follow(): void;
  close(): void;
}

/** @param files those of now, absolute; asked for again after every change, for some are found only as others run */
export function watchFiles(files: () => readonly string[], onChange: () => Promise<unknown>, logger: Logger): Watching {
  const watchers = new Map<string, Watched>();
  const unwatched = new Set<string>();
  let places = new Map<string, Set<string>>();
  let known = 0;
  let timer: NodeJS.Timeout | undefined;
  let ended = false;

  const look = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      void onChange()
        .catch(() => {})
        .then(() => {
          // What was written before a folder was watched again, nobody has told.
          if (follow()) look();
        });
    }, SETTLED).unref();
  };

  const changed = (folder: string, name: string | null) => {
    if (ended) return;
    // So a folder says that it is gone itself; another may be there by now.
    if (name === basename(folder)) drop(folder);
    if (files().length !== known) follow();
    // Where a folder is swapped as a whole (a ConfigMap of Kubernetes: `..data`), no file in it is named.
    else if (name !== null && name !== basename(folder) && !name.startsWith('..') && !places.get(folder)?.has(name)) return;
    look();
  };

  const drop = (folder: string) => {
    watchers.get(folder)?.watcher.close();
    watchers.delete(folder);
  };

  /** @returns whether a folder is watched that was not before */
  const follow = (): boolean => {
    if (ended) return false;
    const all = files();
    known = all.length;
    places = placesOf(all);
    for (const [folder, { identity }] of watchers) if (!places.has(folder) || identityOf(folder) !== identity) drop(folder);
    let more = false;
    for (const folder of places.keys()) {
      const identity = identityOf(folder);
      // One that is not there is seen to come by the folder it is in.
      if (watchers.has(folder) || identity === undefined) continue;
      try {
        const watcher = watch(folder, { persistent: false }, (_event, name) => changed(folder, name));
        watcher.on('error', () => watchers.get(folder)?.watcher === watcher && drop(folder));
        watchers.set(folder, { watcher, identity });
        unwatched.delete(folder);
        more = true;
      } catch (error) {
        // Told once: one above the filters may never be to be read.
        if (!unwatched.has(folder)) logger.warn({ event: 'not-watched', folder, err: error });
        unwatched.add(folder);
      }
    }
    return more;
  };

  follow();
  return {
    follow,
    close() {
      ended = true;
      clearTimeout(timer);
      for (const folder of watchers.keys()) drop(folder);
    },
  };
}

/** The folders to watch, each with the names in it that matter: of files, and of the folders and links on the way to them. */
function placesOf(files: readonly string[]): Map<string, Set<string>> {
  const places = new Map<string, Set<string>>();
  for (const file of new Set(files.flatMap(waysTo))) {
    for (let path = file; path !== dirname(path); path = dirname(path)) {
      const names = places.get(dirname(path)) ?? new Set();
      places.set(dirname(path), names.add(basename(path)));
    }
  }
  return places;
}

/** The path, and what becomes of it link by link: any of these links may come to lead elsewhere. */
function waysTo(file: string): readonly string[] {
  const ways = [file];
  for (let next = onward(file); next !== undefined && ways.length < MOST_LINKS && !ways.includes(next); next = onward(next))
    ways.push(next);
  return ways;
}

/** Where the first link in a path leads; undefined where there is none. */
function onward(path: string): string | undefined {
  const [root = '', ...names] = path.split(sep);
  let before = root + sep;
  for (const [at, name] of names.entries()) {
    const target = linkAt(join(before, name));
    if (target !== undefined) return resolve(before, target, ...names.slice(at + 1));
    before = join(before, name);
  }
  return undefined;
}

function linkAt(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    // No link, or nothing at all.
    return undefined;
  }
}

/** Tells a folder from another that took its place, whose number alone may be the same; undefined where there is none to be seen. */
function identityOf(folder: string): string | undefined {
  try {
    const { ino, birthtimeNs } = statSync(folder, { bigint: true });
    return `${ino} ${birthtimeNs}`;
  } catch {
    return undefined;
  }
}
