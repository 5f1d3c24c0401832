/** Netflix's Eureka server, as Spring Cloud ships it. */
import { type Bench, freePort } from '../support/bench.ts';
import { until } from '../support/until.ts';
import { startSpring } from './spring.ts';

export interface EurekaServer {
  /** E.g. `http://127.0.0.1:8761/eureka`. */
  readonly url: string;
  stop(): Promise<number>;
}

/** Starts it and waits until it answers. @param options as Spring's configuration has them */
export async function startEureka(bench: Bench, options: Readonly<Record<string, string | number>> = {}): Promise<EurekaServer> {
  const port = options['server.port'] ?? (await freePort());
  const program = startSpring(bench, 'server', { 'server.port': port, ...options });
  const url = `http://127.0.0.1:${port}/eureka`;
  await until(
    'Eureka to answer',
    async () => {
      if (program.exitCode() !== undefined) throw new Error(`ended before it answered:\n${program.lines.slice(-20).join('\n')}`);
      return (await fetch(`${url}/apps`).catch(() => undefined))?.ok;
    },
    150_000,
  );
  return { url, stop: program.stop };
}
