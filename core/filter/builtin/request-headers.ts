/** Fields of the request: set in place of others, added beside them, taken away. */
import type { BuiltInOptions } from '../../config/schema/index.ts';
import type { BuiltIn } from './built-in.ts';

export function setRequestHeader(fields: BuiltInOptions['setRequestHeader']): BuiltIn {
  return {
    stage: 'pre',
    run({ request }) {
      for (const [name, value] of Object.entries(fields)) request.headers.set(name, value);
    },
  };
}

export function addRequestHeader(fields: BuiltInOptions['addRequestHeader']): BuiltIn {
  return {
    stage: 'pre',
    run({ request }) {
      for (const [name, value] of Object.entries(fields)) request.headers.append(name, value);
    },
  };
}

export function removeRequestHeader(names: BuiltInOptions['removeRequestHeader']): BuiltIn {
  return {
    stage: 'pre',
    run({ request }) {
      for (const name of names) request.headers.delete(name);
    },
  };
}
