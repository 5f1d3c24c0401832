/** The private gateway's command: `npm run private -- start -c postern.yaml`. */
import { runCli } from '../core/cli/cli.ts';
import { privateGateway } from './profile.ts';

process.exitCode = await runCli(privateGateway, process.argv.slice(2));
// What a user's filter left running holds nobody up, and what fails of it changes nothing.
process.on('uncaughtException', () => {}).on('unhandledRejection', () => {});
setTimeout(() => process.exit(), 1_000).unref();
