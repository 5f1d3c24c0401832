/** `explain`: which route a request would take, what each step would decide, and why the other routes lost. Sends nothing. */
import { readFileSync } from 'node:fs';
import { loadChecked } from '../check/routes.ts';
import { systemClock } from '../clock.ts';
import { readingProblem } from '../config/reading-problem.ts';
import { contractsOf } from '../contract/contracts.ts';
import { explanationOf } from '../explain/explanation.ts';
import { type DescribedRequest, describedRequest, Undescribed } from '../explain/request.ts';
import { loadFilters } from '../filter/check.ts';
import { exposedThrough } from '../routing/exposure.ts';
import { buildTable } from '../routing/table.ts';
import { explanationText } from './explanation-text.ts';
import { painter } from './paint.ts';
import { type ConfigOption, exitCodes, type FormatOption, type Subcommand, UsageError, withConfig, withFormat } from './terminal.ts';

interface ExplainOptions extends ConfigOption, FormatOption {
  header: string[];
  as?: string;
  from?: string;
  certificate?: string;
}

export const explainCommand: Subcommand = (program, { profile, terminal, exit }) => {
  const command = withFormat(
    withConfig(
      program.command('explain').description('say which route a request would take, what each step decides, and why; sends nothing'),
    ),
  )
    .argument('<method>', 'e.g. GET')
    .argument('<url>', 'a path, or a whole URL for its host')
    .option(
      '-H, --header <field>',
      "a header field, 'name: value'; may be repeated",
      (field: string, fields: string[]) => [...fields, field],
      [],
    )
    .option('--from <address>', 'whose connection it comes on');
  if (profile.section === 'public') command.option('--as <file>', 'the claims of a verified token, as JSON; - for standard input');
  else command.option('--certificate <name>', 'the DNS name in the certificate that the caller shows');
  command.action(async (method: string, url: string, options: ExplainOptions) => {
    const request = requestOf(method, url, options);
    const loaded = loadChecked(options.config, { section: profile.section });
    const filterModules = await loadFilters(loaded);
    const parts = {
      name: profile.name,
      section: profile.section,
      loaded,
      table: buildTable(exposedThrough(profile.section, loaded.config.routes)),
      filterModules,
      contracts: contractsOf(loaded),
      clock: systemClock,
    };
    const explanation = await explanationOf(profile.explain(parts), parts, request).finally(() => filterModules.close());
    if (options.format === 'json') terminal.out(`${JSON.stringify({ ok: true, ...explanation })}\n`);
    else terminal.out(explanationText(explanation, painter(terminal.colour)));
    if (!explanation.allowed) exit(exitCodes.failed);
  });
};

function requestOf(method: string, url: string, { header, as, from, certificate }: ExplainOptions): DescribedRequest {
  const headers = header.flatMap((field) => {
    const colon = field.indexOf(':');
    if (colon === -1) throw new UsageError(`${field} is not a header field: write 'name: value'`);
    return [field.slice(0, colon).trim(), field.slice(colon + 1).trim()];
  });
  try {
    return describedRequest({ method, url, headers, from, certificate, ...(as === undefined ? {} : { as: claimsIn(as) }) });
  } catch (problem) {
    throw problem instanceof Undescribed ? new UsageError(problem.message) : problem;
  }
}

function claimsIn(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (problem) {
    throw new UsageError(`${file} cannot be read: ${readingProblem(problem)}`);
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new UsageError(`${file} is no JSON`);
  }
}
