/** The private gateway, as the core sees it. */
import type { Profile } from '../core/profile.ts';
import { explain } from './explain.ts';
import { pipeline } from './pipeline.ts';
import { registrants } from './registrants.ts';

export const privateGateway: Profile = {
  name: 'private-gateway',
  section: 'private',
  tellsInternals: true,
  settings: (config) => config.private,
  registrants: (config) => registrants(config.private.callers),
  pipelines: () => pipeline,
  explain,
};
