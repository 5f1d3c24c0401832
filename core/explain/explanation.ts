/** The whole story of a request, as data: what the command line writes and the admin port answers. */
import type { ProblemCode } from '../problem.ts';
import type { Placement } from '../upstream/placement.ts';
import { type Loser, losers } from './losers.ts';
import type { ExplainParts } from './parts.ts';
import type { DescribedRequest } from './request.ts';
import { type Setting, settingsOf } from './settings.ts';
import { type Decision, decide, type ExplainedPart, type Step } from './step.ts';

export interface Explanation {
  readonly gateway: string;
  /** Of the configuration. */
  readonly revision: string;
  /** Whether a running gateway says so, with what it knows of its services and quotas. */
  readonly live: boolean;
  readonly request: {
    readonly method: string;
    readonly target: string;
    readonly host: string;
    readonly from?: string;
    readonly certificate?: string;
    /** The user or caller that it is taken for. */
    readonly user?: string;
    readonly caller?: string;
  };
  /** Whether the client gets what it wants, as far as the gateway is concerned. */
  readonly allowed: boolean;
  /** The last of the steps. */
  readonly decidedBy: string;
  /** What the gateway answers by itself; null where the service is to say. */
  readonly status: number | null;
  /** Of the problem that it answers with. */
  readonly code: ProblemCode | null;
  readonly steps: readonly { readonly step: string; readonly says: string }[];
  readonly route: { readonly name: string; readonly template: string; readonly at: string | null } | null;
  readonly others: readonly Loser[];
  readonly service: string | null;
  /** What the service would be asked for. */
  readonly path: string | null;
  readonly parts?: readonly ExplainedPart[];
  readonly quota?: {
    readonly policy: string;
    readonly key: string;
    readonly limit: number;
    readonly windowMs: number;
    /** Of a running gateway; nothing is counted. */
    readonly left?: number;
    readonly resetMs?: number;
  };
  readonly settings: readonly Setting[];
  readonly placement: Placement | null;
  /** How the service stands now, and the gateway; of a running one. */
  readonly standing: Standing | null;
  /** What is not known, or is to be known beside all this. */
  readonly notes: readonly string[];
}

export interface Standing {
  /** How hard-pressed the gateway is: from 1 on it refuses what is of normal priority. */
  readonly pressure: number;
  /** The calls in its window, and those of them that failed. */
  readonly breaker?: { readonly state: 'closed' | 'open' | 'half-open'; readonly calls: number; readonly failed: number };
  readonly concurrency?: { readonly inFlight: number; readonly limit: number; readonly queued: number };
}

export async function explanationOf(steps: readonly Step[], parts: ExplainParts, request: DescribedRequest): Promise<Explanation> {
  const { name, section, loaded, table, live } = parts;
  const decision = await decide(steps, request, loaded.config[section].listen.tls !== undefined);
  const { findings } = decision;
  const { match, service, path, quota } = findings;
  const place = match && loaded.placeOf(['routes', loaded.config.routes.indexOf(match.route.config)]);
  return {
    gateway: name,
    revision: loaded.revision,
    live: live !== undefined,
    request: asked(decision),
    allowed: decision.allowed,
    decidedBy: decision.steps.at(-1)?.step ?? '',
    status: decision.status ?? null,
    code: decision.code ?? null,
    steps: decision.steps,
    route: match
      ? { name: match.route.name, template: match.route.template, at: place ? `${place.file}:${place.line}:${place.column}` : null }
      : null,
    others: losers({ config: loaded.config, section, table }, findings),
    service: service ?? null,
    path: path ?? null,
    ...(findings.parts ? { parts: findings.parts } : {}),
    ...(quota ? { quota: quotaOf(quota) } : {}),
    settings: settingsOf(parts, findings),
    placement: findings.placement ?? null,
    standing: standingOf(parts, service),
    notes: notesOf(parts, decision),
  };
}

function asked({ findings: { request, ctx } }: Decision): Explanation['request'] {
  const { method, target, host, from, certificate } = request;
  const { principal } = ctx.state;
  return {
    method,
    target,
    host,
    ...(from === undefined ? {} : { from }),
    ...(certificate === undefined ? {} : { certificate }),
    ...(principal.kind === 'user' ? { user: principal.subject } : principal.kind === 'caller' ? { caller: principal.name } : {}),
  };
}

function quotaOf({ policy, key, rate, left, resetMs }: NonNullable<Decision['findings']['quota']>): NonNullable<Explanation['quota']> {
  return { policy, key, ...rate, ...(left === undefined ? {} : { left }), ...(resetMs === undefined ? {} : { resetMs }) };
}

function standingOf({ live, clock }: ExplainParts, name: string | undefined): Standing | null {
  if (!live) return null;
  const pressure = Math.round(live.pressure.level() * 1000) / 1000;
  const view = live.services.get(name ?? '')?.view;
  if (!view) return { pressure };
  const { total, errors } = view.breaker.health(clock.now());
  const { inFlight, limit, queued } = view.concurrency;
  return { pressure, breaker: { state: view.breaker.state, calls: total, failed: errors }, concurrency: { inFlight, limit, queued } };
}

function notesOf({ loaded: { config }, live }: ExplainParts, { steps, findings }: Decision): readonly string[] {
  const { service, match } = findings;
  const notes: string[] = [];
  const found = service === undefined ? undefined : config.services[service];
  if (!live && found?.registry !== undefined)
    notes.push(
      `The endpoints of ${service} are found in ${found.registry} as ${found.name ?? service}: only a running gateway knows them.`,
    );
  if (match?.route.config.split && service === undefined && steps.at(-1)?.step === 'forward')
    notes.push('Which of the services gets it is drawn by lot.');
  return notes;
}
