/** Watches files for changes. Folders are watched, not files: editors put a new file in the place of the old one. */
import { type FSWatcher, lstatSync, realpathSync, statSync, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Logger } from '../telemetry/logger.ts';

/** Milliseconds without a further change: an editor or a deployment writes more than once. */
const SETTLED = 100;

interface Watched {
  readonly watcher: FSWatcher;
  /** Tells a folder from another that took its place. */
  readonly inode: number;
}

/**
 * @param files those of now, absolute; asked for again after every change
 * @returns what ends it
 */
export function watchFiles(files: () => readonly string[], onChange: () => Promise<unknown>, logger: Logger): () => void {
  const watchers = new Map<string, Watched>();
  let places = new Map<string, Set<string>>();
  let timer: NodeJS.Timeout | undefined;
  let ended = false;

  const changed = (folder: string, name: string | null) => {
    // Where a folder is swapped as a whole (a ConfigMap of Kubernetes: `..data`), no file in it is named.
    if (ended || (name !== null && !name.startsWith('..') && !places.get(folder)?.has(name))) return;
    clearTimeout(timer);
    timer = setTimeout(
      () =>
        void onChange()
          .catch(() => {})
          .then(follow),
      SETTLED,
    ).unref();
  };

  const follow = () => {
    if (ended) return;
    places = placesOf(files());
    for (const [folder, { watcher, inode }] of watchers) {
      if (places.has(folder) && inodeOf(folder) === inode) continue;
      watcher.close();
      watchers.delete(folder);
    }
    for (const folder of places.keys()) {
      const inode = inodeOf(folder);
      // One that is not there is seen to come by the folder it is in.
      if (watchers.has(folder) || inode === undefined) continue;
      try {
        const watcher = watch(folder, { persistent: false }, (_event, name) => changed(folder, name));
        watcher.on('error', () => watcher.close());
        watchers.set(folder, { watcher, inode });
      } catch (error) {
        logger.warn({ event: 'not-watched', folder, err: error });
      }
    }
  };

  follow();
  return () => {
    ended = true;
    clearTimeout(timer);
    for (const { watcher } of watchers.values()) watcher.close();
  };
}

/** The folders to watch, each with the names in it that matter: of files, of the folders they are in, and of links on the way. */
function placesOf(files: readonly string[]): Map<string, Set<string>> {
  const places = new Map<string, Set<string>>();
  const add = (path: string) => {
    const names = places.get(dirname(path)) ?? new Set();
    places.set(dirname(path), names.add(basename(path)));
  };
  for (const file of new Set(files.flatMap((path) => [path, realOf(path)]))) {
    add(file);
    add(dirname(file));
    for (let folder = dirname(file); folder !== dirname(folder); folder = dirname(folder)) if (isLink(folder)) add(folder);
  }
  return places;
}

function realOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

const isLink = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;

function inodeOf(folder: string): number | undefined {
  return statSync(folder, { throwIfNoEntry: false })?.ino;
}
