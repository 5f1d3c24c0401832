/** `schema`: the configuration's JSON Schema for editors, or its reference in Markdown. */
import { jsonSchema } from '../config/json-schema.ts';
import { configurationReference } from '../config/reference.ts';
import type { Subcommand } from './terminal.ts';

export const schemaCommand: Subcommand = (program, { terminal }) => {
  program
    .command('schema')
    .description('print the JSON Schema of the configuration (draft-07)')
    .option('--markdown', 'print the configuration reference instead')
    .action(({ markdown }: { markdown?: true }) =>
      terminal.out(markdown === true ? configurationReference() : `${JSON.stringify(jsonSchema(), null, 2)}\n`),
    );
};
