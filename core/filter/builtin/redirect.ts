/** Answers with a redirect in place of the service. */
import type { BuiltInOptions } from '../../config/schema/index.ts';
import type { BuiltIn } from './built-in.ts';

const PLACEHOLDER = /\{([^{}]*)\}/g;

export function redirect({ to, status }: BuiltInOptions['redirect']): BuiltIn {
  return {
    stage: 'pre',
    run(exchange) {
      const { target, params } = exchange.ctx.state;
      // All of these are canonical, and so nothing in them ends a path or begins a field.
      const values: Readonly<Record<string, string>> = {
        ...params,
        path: target.path,
        query: target.query === '' ? '' : `?${target.query}`,
      };
      const location = to.replace(PLACEHOLDER, (written, name: string) => (Object.hasOwn(values, name) ? (values[name] ?? '') : written));
      // Parameters may be empty, and two slashes in front would name another host.
      exchange.respond(status, { location: location.replace(/^\/{2,}/, '/') });
    },
  };
}
