/** Where a gateway shares what it counts; what that needs is loaded where it does. */
import type { SharedState, SharedStateParts } from './shared-state.ts';

/**
 * @param url as the configuration has it
 * @returns what connects to it; nothing for `memory`
 */
export async function stateAt(url: string): Promise<((parts: SharedStateParts) => SharedState) | undefined> {
  if (url === 'memory') return undefined;
  const { connectState } = await import('./shared-state.ts');
  return (parts) => connectState(url, parts);
}
