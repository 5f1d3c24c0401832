/** What the admin port says of a request: of one that could be, and of one that was. */
import type { Explanation } from '../../../core/explain/explanation.ts';
import type { TestGateway } from '../../support/gateways.ts';

export interface Told {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

export async function post(gateway: TestGateway, description: unknown, type = 'application/json'): Promise<Told> {
  const body = typeof description === 'string' ? description : JSON.stringify(description);
  const answer = await fetch(`${gateway.admin}/explain`, { method: 'POST', headers: { 'content-type': type }, body });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

export async function explained(gateway: TestGateway, description: object): Promise<Explanation> {
  const { status, body } = await post(gateway, description);
  if (status !== 200) throw new Error(JSON.stringify(body));
  return body as unknown as Explanation;
}

export async function told(gateway: TestGateway, path: string): Promise<Told> {
  const answer = await fetch(`${gateway.admin}${path}`);
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

export interface Remembered extends Record<string, unknown> {
  readonly id: string;
  readonly code?: string;
  readonly status?: number;
  readonly explanation?: Explanation | null;
  readonly note?: string;
}

export async function remembered(gateway: TestGateway, path: string): Promise<readonly Remembered[]> {
  return (await told(gateway, path)).body['requests'] as Remembered[];
}
