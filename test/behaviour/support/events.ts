/** The event stream of an admin port, as somebody reads it. */
import { EventReader } from '../../../core/registry/event-stream.ts';

export interface ToldEvent {
  readonly event: string;
  readonly data: Record<string, unknown>;
}

export interface EventFeed {
  /** All that came so far. */
  readonly told: readonly ToldEvent[];
  /** The first event, of those that came or come, that is so. Rejects when the stream ends before. */
  first(is: (told: ToldEvent) => boolean): Promise<ToldEvent>;
  close(): void;
}

export async function readEvents(admin: string, query = ''): Promise<EventFeed> {
  const over = new AbortController();
  const response = await fetch(`${admin}/events${query}`, { signal: over.signal });
  if (response.status !== 200 || !response.body) throw new Error(`/events answered ${response.status}`);
  const told: ToldEvent[] = [];
  let heard = Promise.withResolvers<void>();
  const { body } = response;
  const read = async () => {
    const reader = new EventReader(1e7);
    for await (const chunk of body) {
      for (const { event, data } of reader.take(chunk)) told.push({ event, data: JSON.parse(data) });
      heard.resolve();
      heard = Promise.withResolvers();
    }
  };
  const ended = read().then(
    () => Promise.reject(new Error('the stream ended')),
    (error) => Promise.reject(error),
  );
  ended.catch(() => {});
  return {
    told,
    async first(is) {
      for (let from = 0; ; ) {
        const found = told.slice(from).find(is);
        if (found) return found;
        from = told.length;
        await Promise.race([heard.promise, ended]);
      }
    },
    close: () => over.abort(),
  };
}
