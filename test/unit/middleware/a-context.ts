/** As much of a request as a single step looks at. */
import type { Context } from '../../../core/context.ts';

export interface Asked {
  headers?: Readonly<Record<string, string>>;
  from?: string | undefined;
  method?: string;
  encrypted?: boolean;
  state?: object;
}

export function aContext({ headers = {}, from = '192.0.2.1', method = 'GET', encrypted = false, state = {} }: Asked = {}): Context {
  const socket = { remoteAddress: from, ...(encrypted ? { encrypted } : {}) };
  return { req: { method, headers, socket, url: '/' }, res: {}, state: { ...state } } as unknown as Context;
}

export const noNext = async (): Promise<void> => {};
