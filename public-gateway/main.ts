/** The public gateway's command: `npm run public -- start -c postern.yaml`. */
import { runCli } from '../core/cli/cli.ts';
import { publicGateway } from './profile.ts';

process.exitCode = await runCli(publicGateway, process.argv.slice(2));
