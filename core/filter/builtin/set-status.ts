/** Another status than the service's. */
import type { BuiltInOptions } from '../../config/schema/index.ts';
import type { BuiltIn } from './built-in.ts';

/** RFC 9110 sections 15.3.7, 15.4.5 and 15.5.17. */
const conditional = new Set([206, 304, 416]);

export function setStatus(status: BuiltInOptions['setStatus']): BuiltIn {
  return {
    stage: 'post',
    run(exchange) {
      // A failure stays one: the document says so. And what a range or a condition asked for is not what another status says it is.
      if (!exchange.error && !conditional.has(exchange.current().status)) exchange.response.status = status;
    },
  };
}
