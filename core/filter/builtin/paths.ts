/** The path that the service is asked for: a prefix less, a prefix more, or another path. */
import type { BuiltInOptions } from '../../config/schema/index.ts';
import { replacing } from '../../contract/pattern.ts';
import { Problem } from '../../problem.ts';
import { MAX_MATCHED } from '../../routing/expression.ts';
import { compileRewrite } from '../../routing/rewrite.ts';
import type { RequestExchange } from '../exchange.ts';
import type { BuiltIn } from './built-in.ts';

const changing = (change: (path: string) => string): BuiltIn => ({
  stage: 'pre',
  run({ outgoing, request }: RequestExchange) {
    const path = change(outgoing.path);
    // By way of the setter, which lets no path pass that a client could not have asked for.
    if (path !== outgoing.path) request.url = outgoing.query === '' ? path : `${path}?${outgoing.query}`;
  },
});

export function stripPrefix(prefix: BuiltInOptions['stripPrefix']): BuiltIn {
  const rewrite = compileRewrite({ stripPrefix: prefix });
  return changing((path) => rewrite(path, {}, {}));
}

export function prefixPath(prefix: BuiltInOptions['prefixPath']): BuiltIn {
  const rewrite = compileRewrite({ prefixPath: prefix });
  return changing((path) => rewrite(path, {}, {}));
}

export function rewritePath({ from, to }: BuiltInOptions['rewritePath']): BuiltIn {
  const replaced = replacing(from, to);
  return changing((path) => {
    if (path.length > MAX_MATCHED) throw new Problem('target-too-long');
    return replaced(path);
  });
}
