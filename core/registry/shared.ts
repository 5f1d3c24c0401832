/** One source for all who ask for the same endpoints: two while a changed service takes the place of another. It is started and stopped once. */
import type { Source } from './source.ts';
import type { Sources } from './sources.ts';

interface Running {
  readonly source: Source;
  readonly listeners: Set<() => void>;
}

export function shared(sources: Sources): Sources {
  const running = new Map<string, Running>();
  return {
    of(service, config) {
      const { registry, name, refresh } = config;
      if (registry === undefined) return sources.of(service, config);
      const key = JSON.stringify([service, registry, name, refresh]);
      const one = running.get(key) ?? { source: sources.of(service, config), listeners: new Set() };
      running.set(key, one);
      return share(one, () => running.delete(key));
    },
  };
}

function share({ source, listeners }: Running, onLast: () => void): Source {
  let listening = () => {};
  return {
    get answer() {
      return source.answer;
    },
    get answered() {
      return source.answered ?? source.answer !== undefined;
    },
    get asOf() {
      return source.asOf;
    },
    get failure() {
      return source.failure;
    },
    fixed: source.fixed,
    start(onChange) {
      listening = () => onChange();
      const isFirst = listeners.size === 0;
      listeners.add(listening);
      if (isFirst) source.start(() => [...listeners].forEach((listener) => void (listeners.has(listener) && listener())));
      else if (source.answer !== undefined || source.failure) onChange();
    },
    stop() {
      if (!listeners.delete(listening) || listeners.size > 0) return;
      onLast();
      source.stop();
    },
  };
}
