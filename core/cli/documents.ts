/** What the commands print as JSON; the README has the shapes. */
import { type Finding, formatPath } from '../config/finding.ts';

/** `path` as text has it: `routes[0].match`. A line of 0 stands for the file as a whole. */
export const findingDocument = ({ severity, file, line, column, path, message, hint }: Finding) => ({
  severity,
  file,
  line,
  column,
  path: formatPath(path),
  message,
  ...(hint === undefined ? {} : { hint }),
});

export function counted(findings: readonly Finding[]): { readonly errors: number; readonly warnings: number } {
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  return { errors, warnings: findings.length - errors };
}
