/** Methods that may be sent again, to look one up. */
import { idempotent } from '../config/schema/resilience.ts';

export const IDEMPOTENT: ReadonlySet<string> = new Set(idempotent);
