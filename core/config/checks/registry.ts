/** The embedded registry is for declared callers, so there must be one. */
import { warning } from '../finding.ts';
import type { Check } from './check.ts';

export const registry: Check = ({ registry: { embedded }, private: { callers } }) => {
  if (!embedded || Object.values(callers).some(({ from, certificate }) => from !== undefined && certificate === undefined)) return [];
  return [
    warning(['registry', 'embedded'], 'can be used by nobody: no caller under private.callers is known by its address alone', {
      atKey: true,
      from: [['private', 'callers']],
    }),
  ];
};
