/** What a registry says of an application, by the REST API that Eureka and the embedded registry share. */

export interface RegisteredInstance {
  readonly instanceId: string;
  readonly status: string;
  readonly leaseInfo: { readonly lastRenewalTimestamp: number };
  readonly [field: string]: unknown;
}

/** @param registry e.g. `http://127.0.0.1:8761/eureka` */
export async function instancesOf(registry: string, app: string): Promise<readonly RegisteredInstance[]> {
  const answer = await fetch(`${registry}/apps/${app}`, { headers: { accept: 'application/json' } });
  if (answer.status === 404) return [];
  return ((await answer.json()) as { application: { instance: RegisteredInstance[] } }).application.instance;
}
