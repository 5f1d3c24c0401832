/** Fields of the answer: set in place of others, added beside them, taken away. */
import type { BuiltInOptions } from '../../config/schema/index.ts';
import type { BuiltIn } from './built-in.ts';

export function setResponseHeader(fields: BuiltInOptions['setResponseHeader']): BuiltIn {
  return {
    stage: 'post',
    run({ response }) {
      for (const [name, value] of Object.entries(fields)) response.headers.set(name, value);
    },
  };
}

export function addResponseHeader(fields: BuiltInOptions['addResponseHeader']): BuiltIn {
  return {
    stage: 'post',
    run({ response }) {
      for (const [name, value] of Object.entries(fields)) response.headers.append(name, value);
    },
  };
}

export function removeResponseHeader(names: BuiltInOptions['removeResponseHeader']): BuiltIn {
  return {
    stage: 'post',
    run({ response }) {
      for (const name of names) response.headers.delete(name);
    },
  };
}
