/** Callers known by certificate need a gateway that asks for certificates. */

import { error, warning } from '../finding.ts';
import type { Check } from './check.ts';

export const certificates: Check = ({ private: { callers, listen } }) => {
  if (listen.tls?.clientCa !== undefined) return [];
  const tls = ['private', 'listen', 'tls'];
  return Object.entries(callers)
    .filter(([, { certificate }]) => certificate !== undefined)
    .map(([name, { from }]) => {
      // One file may serve with mutual TLS and, where developers try it, without: with addresses beside it, not an error.
      const finding = from === undefined ? error : warning;
      const message = `can be shown by nobody without private.listen.tls.clientCa, so nobody is ${name}`;
      return finding(['private', 'callers', name, 'certificate'], message, { from: [tls, [...tls, 'clientCa']] });
    });
};
