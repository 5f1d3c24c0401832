/** `POST /peerreplication/batch/`: what happened at a peer, many at once; each with an answer of its own. */
import type Router from '@koa/router';
import type { Context } from 'koa';
import type { Clock } from '../clock.ts';
import { isStatus } from '../registry/instance.ts';
import type { Lease } from '../registry/lease.ts';
import type { Registry } from '../registry/registry.ts';
import { readBody } from './body.ts';
import { instanceDocument } from './document.ts';
import { heartbeat, register } from './operations.ts';
import { upper } from './reading.ts';
import { Refused } from './refused.ts';
import { readRegistration } from './registration.ts';
import { isReplication } from './writing.ts';

/** Bytes of a batch, of which Eureka sends 250 changes at most. */
const LARGEST = 4 * 1024 * 1024;
const MOST = 1_000;

type Item = Readonly<Record<string, unknown>>;
interface ItemAnswer {
  readonly statusCode: number;
  readonly responseEntity?: object;
}

const PATH = '/peerreplication/batch';

/** Whether it says to be a peer's: a batch, or a single change with the header of one. */
export function isFromPeer(ctx: Context): boolean {
  return isReplication(ctx) || ctx.path.replace(/\/$/, '').endsWith(PATH);
}

export interface ReplicationParts {
  readonly registry: Registry;
  readonly clock: Clock;
  /** Told of each instance that took its leave, known here or not. */
  onCancel(app: string, id: string): void;
}

export function replicationRoutes(router: Router, parts: ReplicationParts): void {
  router.post(PATH, async (ctx) => {
    const list = ((await readBody(ctx.req, LARGEST)) as Item | null)?.['replicationList'];
    if (!Array.isArray(list)) throw new Refused(400, 'Missing replicationList');
    if (list.length > MOST) throw new Refused(413, `A batch has at most ${MOST} changes`);
    ctx.body = { responseList: list.map((item) => answerTo(item ?? {}, parts)) };
  });
}

/** @param item as anybody may have written it */
export function answerTo(item: Item, { registry, clock, onCancel }: ReplicationParts): ItemAnswer {
  const { appName, id: given, lastDirtyTimestamp: dirty, status, overriddenStatus } = item;
  const app = typeof appName === 'string' ? upper(appName) : '';
  const id = typeof given === 'string' ? given : '';
  const lastDirtyTimestamp = timestampOf(dirty);
  const done = (there: boolean): ItemAnswer => ({ statusCode: there ? 200 : 404 });
  try {
    switch (item['action']) {
      case 'Register':
        register(registry, app, readRegistration({ instance: item['instanceInfo'] }, Math.round(clock.epoch())), true);
        return done(true);
      case 'Heartbeat': {
        const override = isStatus(overriddenStatus) ? overriddenStatus : undefined;
        const answer = heartbeat(registry, app, id, { lastDirtyTimestamp, overriddenStatus: override, replication: true });
        return { statusCode: answer.status, ...(answer.newer ? { responseEntity: instanceDocument(answer.newer, 'full') } : {}) };
      }
      case 'Cancel': {
        const newer = newerThan(lastDirtyTimestamp, registry.find(app, id));
        // Gone there, it has registered here since.
        if (newer) return { statusCode: 409, responseEntity: instanceDocument(newer, 'full') };
        onCancel(app, id);
        return done(registry.cancel(app, id));
      }
      case 'StatusUpdate': {
        if (!isStatus(status)) return { statusCode: 400 };
        const there = registry.override(app, id, status, { lastDirtyTimestamp });
        // One that says what the instance says here anyway is one all the same where a peer says that it has it.
        if (isStatus(overriddenStatus)) registry.noteOverride(app, id, overriddenStatus);
        return done(there);
      }
      case 'DeleteStatusOverride':
        return done(registry.removeOverride(app, id, isStatus(status) ? status : 'UNKNOWN', { lastDirtyTimestamp }));
      default:
        return { statusCode: 400 };
    }
  } catch (error) {
    if (error instanceof Refused) return { statusCode: error.status };
    throw error;
  }
}

/** The lease, if it is of a later registration. */
function newerThan(lastDirtyTimestamp: number | undefined, lease: Lease | undefined): Lease | undefined {
  return lease && lastDirtyTimestamp !== undefined && lease.instance.lastDirtyTimestamp > lastDirtyTimestamp ? lease : undefined;
}

/** A number, or the text of one. */
function timestampOf(value: unknown): number | undefined {
  const number = typeof value === 'object' ? Number.NaN : Number(value);
  return Number.isSafeInteger(number) && number > 0 ? number : undefined;
}
