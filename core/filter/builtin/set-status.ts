/** Another status than the service's. */
import type { BuiltInOptions } from '../../config/schema/index.ts';
import type { BuiltIn } from './built-in.ts';

export function setStatus(status: BuiltInOptions['setStatus']): BuiltIn {
  return {
    stage: 'post',
    run(exchange) {
      // A failure stays one: the document says so.
      if (!exchange.error) exchange.response.status = status;
    },
  };
}
