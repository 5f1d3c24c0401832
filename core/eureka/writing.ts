/** What instances and operators tell the registry: register, heartbeat, cancel, statuses, metadata (Eureka's other operations). */
import type Router from '@koa/router';
import type { Context } from 'koa';
import type { Clock } from '../clock.ts';
import { type InstanceStatus, isStatus } from '../registry/instance.ts';
import type { Registry } from '../registry/registry.ts';
import { send } from './answers.ts';
import { readBody } from './body.ts';
import { instanceDocument } from './document.ts';
import { admitted, heartbeat, register } from './operations.ts';
import type { Task } from './peer-queue.ts';
import { upper } from './reading.ts';
import { Refused } from './refused.ts';
import { readMetadata, readRegistration } from './registration.ts';

/** Bytes of a registration, as it is sent. */
const LARGEST = 256 * 1024;

export interface WritingParts {
  readonly registry: Registry;
  readonly clock: Clock;
  /** What Eureka answers to a status or a time that is none: 500, for it fails over it. */
  readonly strict: boolean;
  /** Tells the peers, of what no peer told. */
  tell(task: Task): void;
  /** Told of each instance that took its leave, known here or not. */
  onCancel(app: string, id: string): void;
}

export function writingRoutes(router: Router, { registry, clock, strict, tell, onCancel }: WritingParts): void {
  const wrongValue = strict ? 500 : 400;
  const told = (ctx: Context, task: Task): void => {
    if (!isReplication(ctx)) tell(task);
  };

  router.post('/apps/:app', async (ctx) => {
    const registration = readRegistration(await readBody(ctx.req, LARGEST), Math.round(clock.epoch()));
    ctx.status = register(registry, upper(ctx.params['app']), registration, isReplication(ctx));
    told(ctx, { action: 'Register', app: registration.app, id: registration.id });
  });

  router.put('/apps/:app/:id', (ctx) => {
    const overridden = parameter(ctx, 'overriddenstatus');
    const [app, id] = nameOf(ctx);
    const { status, newer } = heartbeat(registry, app, id, {
      lastDirtyTimestamp: dirtyTimestamp(ctx, wrongValue),
      overriddenStatus: isStatus(overridden) ? overridden : undefined,
      replication: isReplication(ctx),
    });
    // One that must register again will be told of by that.
    if (status === 200) told(ctx, { action: 'Heartbeat', app, id });
    if (newer) send(ctx, { instance: instanceDocument(newer, 'full') });
    else empty(ctx);
    ctx.status = status;
  });

  router.delete('/apps/:app/:id', (ctx) => {
    const [app, id] = nameOf(ctx);
    onCancel(app, id);
    const lastDirtyTimestamp = registry.find(app, id)?.instance.lastDirtyTimestamp;
    const was = registry.cancel(app, id);
    if (lastDirtyTimestamp !== undefined) told(ctx, { action: 'Cancel', app, id, lastDirtyTimestamp });
    return found(ctx, was);
  });

  router.put('/apps/:app/:id/status', (ctx) => {
    const [app, id] = nameOf(ctx);
    if (!registry.find(app, id)) return found(ctx, false);
    const status = statusOf(parameter(ctx, 'value'), wrongValue);
    registry.override(app, id, status, { lastDirtyTimestamp: dirtyTimestamp(ctx, wrongValue) });
    // One that says what the instance says anyway is none.
    if (registry.find(app, id)?.override === status) told(ctx, { action: 'StatusUpdate', app, id, status });
    return found(ctx, true);
  });

  router.delete('/apps/:app/:id/status', (ctx) => {
    const [app, id] = nameOf(ctx);
    if (!registry.find(app, id)) return found(ctx, false);
    const status = statusOf(parameter(ctx, 'value') ?? 'UNKNOWN', wrongValue);
    registry.removeOverride(app, id, status, { lastDirtyTimestamp: dirtyTimestamp(ctx, wrongValue) });
    told(ctx, { action: 'DeleteStatusOverride', app, id });
    return found(ctx, true);
  });

  router.put('/apps/:app/:id/metadata', (ctx) => {
    const entries = Object.entries(ctx.query).map(([key, value]) => [key, [value].flat()[0] ?? '']);
    const [app, id] = nameOf(ctx);
    const verdict = registry.addMetadata(app, id, readMetadata(Object.fromEntries(entries)));
    if (verdict === 'unknown') return found(ctx, false);
    admitted(verdict);
    told(ctx, { action: 'Register', app, id });
    return found(ctx, true);
  });
}

/** Peers say so, that it is not sent on to them again. */
export const isReplication = (ctx: Context): boolean => ctx.get('x-netflix-discovery-replication') === 'true';

function nameOf(ctx: Context & { params: Record<string, string> }): [app: string, id: string] {
  return [upper(ctx.params['app']), ctx.params['id'] ?? ''];
}

function found(ctx: Context, there: boolean): void {
  ctx.status = there ? 200 : 404;
  empty(ctx);
}

function empty(ctx: Context): void {
  ctx.body = '';
  ctx.remove('Content-Type');
}

function parameter(ctx: Context, name: string): string | undefined {
  return [ctx.query[name]].flat()[0];
}

/** @throws Refused */
function dirtyTimestamp(ctx: Context, wrong: number): number | undefined {
  const text = parameter(ctx, 'lastDirtyTimestamp');
  if (text === undefined || text === '') return undefined;
  // eureka-js-client sends what it was never told as the word.
  if (text === 'undefined' || text === 'null') return undefined;
  if (!/^\d{1,15}$/.test(text)) throw new Refused(wrong, 'lastDirtyTimestamp must be milliseconds since 1970');
  return Number(text);
}

/** @throws Refused */
function statusOf(name: string | undefined, wrong: number): InstanceStatus {
  if (!isStatus(name)) throw new Refused(wrong, 'value must be UP, DOWN, STARTING, OUT_OF_SERVICE or UNKNOWN');
  return name;
}
