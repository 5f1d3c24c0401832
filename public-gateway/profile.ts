/** The public gateway, as the core sees it. */
import type { Profile } from '../core/profile.ts';
import { explain } from './explain.ts';
import { pipeline } from './pipeline.ts';

export const publicGateway: Profile = {
  name: 'public-gateway',
  section: 'public',
  tellsInternals: false,
  settings: (config) => config.public,
  pipeline,
  explain,
};
