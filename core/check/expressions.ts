/** What only the engine can tell of a filter's regular expression: whether it ends in time, whatever clients send. */
import { listsOf } from '../config/checks/filters.ts';
import { error, type Remark } from '../config/finding.ts';
import type { Config } from '../config/schema/index.ts';
import { reasonAgainst } from '../contract/pattern.ts';

export function expressionRemarks(config: Config): Remark[] {
  return listsOf(config).flatMap(([path, list]) =>
    list.flatMap((entry, at): Remark[] => {
      if (typeof entry === 'string' || !entry.rewritePath) return [];
      const wrong = reasonAgainst(entry.rewritePath.from);
      return wrong === undefined ? [] : [error([...path, at, 'rewritePath', 'from'], wrong)];
    }),
  );
}
