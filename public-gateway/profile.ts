/** The public gateway, as the core sees it. */
import type { Profile } from '../core/profile.ts';
import { explain } from './explain.ts';
import { identification } from './identification.ts';
import { loggedKeySets } from './key-sets.ts';
import { pipeline } from './pipeline.ts';

export const publicGateway: Profile = {
  name: 'public-gateway',
  section: 'public',
  tellsInternals: false,
  settings: (config) => config.public,
  pipelines({ log, clock }) {
    const own = identification({ clock, keySets: loggedKeySets(log.logger, clock) });
    return (parts) => pipeline(parts, own);
  },
  explain,
};
