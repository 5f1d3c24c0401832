/** The dashboard on the admin port: one page that draws the pair of gateways side by side, and the events that it follows. */
import type Router from '@koa/router';
import type { Random } from '../clock.ts';
import { calledHere, isLoopback } from '../config/hosts.ts';
import type { Config } from '../config/schema/index.ts';
import { pageRoutes } from '../page/page.ts';
import type { Profile } from '../profile.ts';
import { EventStream, eventRoutes } from './events.ts';
import { gatewayState, type StateParts } from './gateway-state.ts';
import { Peer } from './peer.ts';

export interface DashboardParts extends StateParts {
  readonly random: Random;
  /** With which the peer may be read. */
  peerToken?(): string | undefined;
}

export interface Dashboard {
  routes(router: Router): void;
  close(): void;
}

export function createDashboard(parts: DashboardParts): Dashboard {
  const { profile, clock, random, services } = parts;
  const { config } = parts.loaded();
  const url = peerOf(profile.section, config);
  const peerToken = wantsToken(profile.section, config) ? parts.peerToken : undefined;
  const gateway = `${otherOf(profile.section)}-gateway`;
  const peer = url === undefined ? undefined : new Peer({ url, gateway, clock, random, ...(peerToken ? { token: peerToken } : {}) });
  const stream = new EventStream({ clock, services, peer, state: gatewayState(parts) });
  return {
    routes(router) {
      pageRoutes(router, 'admin/page');
      eventRoutes(router, stream);
    },
    close: () => stream.close(),
  };
}

const otherOf = (section: Profile['section']): Profile['section'] => (section === 'public' ? 'private' : 'public');

/** On loopback its events are read without: there, while it does not run, anybody on this machine could answer in its place. */
const wantsToken = (section: Profile['section'], config: Config): boolean =>
  config[section].admin.peer !== undefined || !isLoopback(config[otherOf(section)].admin.host);

/** Where the admin port of the other gateway is, if that is known. */
export function peerOf(section: Profile['section'], config: Config): string | undefined {
  const { peer } = config[section].admin;
  if (peer === false) return undefined;
  if (peer !== undefined) return peer;
  const { admin } = config[otherOf(section)];
  // Any port that is free is one that nobody else knows.
  return admin.port === 0 ? undefined : `http://${calledHere(admin)}`;
}
