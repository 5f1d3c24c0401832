/** Watches files for changes. Folders are watched, not files: editors put a new file in the place of the old one. */
import { type FSWatcher, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Logger } from '../telemetry/logger.ts';

/** Milliseconds without a further change: an editor or a deployment writes more than once. */
const SETTLED = 100;

/**
 * @param files those of now, absolute; asked for again after every change
 * @returns what ends it
 */
export function watchFiles(files: () => readonly string[], onChange: () => Promise<unknown>, logger: Logger): () => void {
  const watchers = new Map<string, FSWatcher>();
  let timer: NodeJS.Timeout | undefined;
  let ended = false;

  const changed = (folder: string, name: string | null) => {
    // Where a folder is swapped as a whole (a ConfigMap of Kubernetes: `..data`), no file in it is named.
    if (name !== null && !name.startsWith('..') && !files().some((file) => dirname(file) === folder && basename(file) === name)) return;
    clearTimeout(timer);
    timer = setTimeout(() => void onChange().then(follow, () => {}), SETTLED).unref();
  };

  const follow = () => {
    if (ended) return;
    for (const folder of new Set(files().map(dirname))) {
      if (watchers.has(folder)) continue;
      try {
        const watcher = watch(folder, { persistent: false }, (_event, name) => changed(folder, name));
        // A folder that goes away is watched no more; what it held is loaded already.
        watcher.on('error', () => watcher.close());
        watchers.set(folder, watcher);
      } catch (error) {
        logger.warn({ event: 'not-watched', folder, err: error });
      }
    }
  };

  follow();
  return () => {
    ended = true;
    clearTimeout(timer);
    for (const watcher of watchers.values()) watcher.close();
  };
}
