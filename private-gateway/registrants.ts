/** Whose services may use the embedded registry: callers who are known by their address alone. */
import type { CallerConfig } from '../core/config/schema/index.ts';

/** One who must show a certificate too cannot, for the registry speaks plain HTTP. */
export function registrants(callers: Readonly<Record<string, CallerConfig>>): readonly string[] {
  return Object.values(callers).flatMap(({ from, certificate }) => (certificate === undefined ? (from ?? []) : []));
}
