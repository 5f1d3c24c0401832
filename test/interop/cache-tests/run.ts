/**
 * Runs http-tests/cache-tests against a cached route and prints what passed:
 * `node test/interop/cache-tests/run.ts [public-gateway|private-gateway] [id of one case]`
 */
import { openBench } from '../support/bench.ts';
import { runSuite, startCachedGateway, startOrigin, tableOf } from './suite.ts';

const [which = 'public-gateway', only] = process.argv.slice(2);
const bench = openBench();
try {
  const gateway = await startCachedGateway(bench, which === 'private-gateway' ? which : 'public-gateway', await startOrigin(bench));
  const cases = await runSuite(gateway.url, only);
  for (const { kind, id, result } of cases.filter(({ passed }) => !passed)) console.log(`${kind.padEnd(9)} ${id}: ${result}`);
  console.log(`\n${which}\n${tableOf(cases)}`);
} finally {
  await bench.clear();
}
