/** A gateway cannot listen twice on one port. */
import { error } from '../finding.ts';
import { isEveryAddress } from '../hosts.ts';
import type { Check } from './check.ts';

export const listeners: Check = (config) => {
  const { embedded } = config.registry;
  return (['public', 'private'] as const).flatMap((section) => {
    const { listen, admin } = config[section];
    const listeners: Listener[] = [
      { ...listen, path: [section, 'listen'] },
      { ...admin, path: [section, 'admin'] },
      // The private gateway runs it.
      ...(embedded && section === 'private' ? [{ ...embedded, path: ['registry', 'embedded'] }] : []),
    ];
    return listeners.flatMap((later, index) => {
      const taken = listeners.slice(0, index).find((earlier) => clash(earlier, later));
      if (!taken) return [];
      return [
        error([...later.path, 'port'], `${later.port} is the port of ${taken.path.join('.')} already`, { from: [[...taken.path, 'port']] }),
      ];
    });
  });
};

interface Listener {
  readonly host: string;
  readonly port: number;
  readonly path: readonly string[];
}

const sameHost = (a: string, b: string): boolean => a === b || isEveryAddress(a) || isEveryAddress(b);

// Port 0 takes any that is free.
const clash = (a: Listener, b: Listener): boolean => a.port !== 0 && a.port === b.port && sameHost(a.host, b.host);
