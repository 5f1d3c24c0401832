/** The public gateway's command: `npm run public -- start -c postern.yaml`. */
import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

// Beside the packages, where nobody else can write: what is compiled once takes half the time to start. Where it cannot be kept, all of it.
enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/postern', import.meta.url)));
const { runCli } = await import('../core/cli/cli.ts');
const { publicGateway } = await import('./profile.ts');

process.exitCode = await runCli(publicGateway, process.argv.slice(2));
// What a user's filter left running holds nobody up, and what fails of it changes nothing.
process.on('uncaughtException', () => {}).on('unhandledRejection', () => {});
setTimeout(() => process.exit(), 1_000).unref();
