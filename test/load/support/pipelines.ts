/** The gateway's configuration, from nothing but forwarding to everything on, a step at a time. */
import { bareConfiguration, listening } from './postern.ts';
import { audience, issuer, type Users } from './users.ts';

export const pipelineNames = ['bare', 'token', 'limit', 'log', 'traces', 'whole'] as const;
export type PipelineName = (typeof pipelineNames)[number];

/**
 * `bare` has an anonymous route and no more. `token`, `limit`, `log` and `traces` add that one step to it; `whole` adds
 * them all. Metrics, forwarding headers and the layers that every service has are in each of them: they cannot be turned off.
 */
export function pipelineConfiguration(name: PipelineName, origin: string, users: Users): object {
  const has = (step: PipelineName): boolean => name === step || name === 'whole';
  const neverReached = '1000000/s';
  const bare = bareConfiguration(origin);
  const telemetry = { accessLog: has('log'), ...(has('traces') ? { otlp: origin, sampling: '10%' } : {}) };
  const access = has('token') ? {} : { access: 'anonymous' };
  const limit = has('limit') ? { rateLimit: neverReached } : {};
  const jwt = { issuer, audience, publicKey: users.publicKey, algorithms: ['RS256'] };
  return {
    ...bare,
    routes: [{ name: 'all', match: { pathPrefix: '/' }, service: 'origin', expose: { public: { ...access, ...limit } } }],
    public: { ...listening, ...(has('token') ? { jwt } : {}) },
    telemetry,
  };
}
