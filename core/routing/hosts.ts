/** Which routes a host has: those of its name, of the wildcards above it, and those of every host. */

/** Something kept for each host of the configuration. */
export interface Hosts<T> {
  /** What is kept for the pattern: a name, `*.name`, or null for every host. Made at the first call. */
  of(pattern: string | null): T;
  /** What applies to a host, the most specific first, until `visit` gives something other than null. */
  find<R>(host: string, visit: (kept: T) => R | null): R | null;
}

export function createHosts<T>(create: () => T): Hosts<T> {
  const names = new Map<string, T>();
  /** By what follows the asterisk: `.example.com`. */
  const wildcards = new Map<string, T>();
  let every: T | null = null;

  const keep = (map: Map<string, T>, key: string): T => {
    const kept = map.get(key) ?? create();
    map.set(key, kept);
    return kept;
  };

  const findWildcard = <R>(host: string, visit: (kept: T) => R | null): R | null => {
    // From the first dot to the last is from the longest wildcard to the shortest.
    for (let dot = host.indexOf('.'); dot !== -1; dot = host.indexOf('.', dot + 1)) {
      const kept = wildcards.get(host.slice(dot));
      const result = kept === undefined ? null : visit(kept);
      if (result !== null) return result;
    }
    return null;
  };

  return {
    of(pattern) {
      if (pattern === null) {
        every ??= create();
        return every;
      }
      return pattern.startsWith('*.') ? keep(wildcards, pattern.slice(1)) : keep(names, pattern);
    },
    find(host, visit) {
      const kept = names.size === 0 ? undefined : names.get(host);
      let result = kept === undefined ? null : visit(kept);
      if (result === null && wildcards.size > 0) result = findWildcard(host, visit);
      if (result === null && every !== null) result = visit(every);
      return result;
    },
  };
}

/** Whether a host is the pattern's: its name, or any name under a wildcard, however deep. */
export function fitsHost(pattern: string | null, host: string): boolean {
  if (pattern === null) return true;
  if (!pattern.startsWith('*.')) return pattern === host;
  return host.length >= pattern.length && host.endsWith(pattern.slice(1));
}
