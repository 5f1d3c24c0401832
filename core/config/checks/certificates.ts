/** Callers known by certificate need a gateway that asks for certificates. */
import type { Check } from '../check.ts';
import { error } from '../finding.ts';

export const certificates: Check = ({ private: { callers, listen } }) => {
  if (listen.tls?.clientCa !== undefined) return [];
  return Object.entries(callers)
    .filter(([, { certificate }]) => certificate !== undefined)
    .map(([name]) =>
      error(['private', 'callers', name, 'certificate'], 'is never seen: private.listen.tls.clientCa, which makes callers show one, is missing', {
        from: [['private', 'listen', 'tls'], ['private', 'listen', 'tls', 'clientCa']],
      }),
    );
};
