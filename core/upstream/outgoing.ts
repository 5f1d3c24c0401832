/** What a service will be asked for a request, open to the steps that change it before the call is made. */
import type { RequestBody } from './request-body.ts';
import type { Service } from './service.ts';

export interface Outgoing {
  /** Undefined where several make one answer, each asked for a part. */
  readonly service: Service | undefined;
  method: string;
  /** Canonical and rewritten, without the query. */
  path: string;
  /** What comes behind the question mark; empty without one. */
  query: string;
  /** Fields for the service, flat: name, value. Without Host, which follows `services.NAME.host`. */
  headers: string[];
  readonly body: RequestBody | undefined;
}
