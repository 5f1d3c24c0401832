/** A gateway cannot listen twice on one port. */

import { error } from '../finding.ts';
import type { Check } from './check.ts';

export const listeners: Check = (config) =>
  (['public', 'private'] as const).flatMap((section) => {
    const { listen, admin } = config[section];
    // Port 0 takes any that is free.
    if (listen.port === 0 || listen.port !== admin.port || !sameHost(listen.host, admin.host)) return [];
    return [
      error([section, 'admin', 'port'], `${admin.port} is the port of ${section}.listen already`, { from: [[section, 'listen', 'port']] }),
    ];
  });

const everyAddress = new Set(['0.0.0.0', '::']);
const sameHost = (a: string, b: string): boolean => a === b || everyAddress.has(a) || everyAddress.has(b);
