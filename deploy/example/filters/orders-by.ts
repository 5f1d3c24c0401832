/** Counts what each user orders, and says in the log who ordered more than a few times. Change it while the demo runs. */
import type { Filter } from 'postern/filter';

/** Users that are remembered; those who ordered longest ago are forgotten first. */
const REMEMBERED = 1000;

const orders = new Map<string, number>();

export default {
  name: 'orders-by',
  stage: 'post',
  schema: {
    type: 'object',
    properties: { many: { type: 'integer', minimum: 1, default: 3, description: 'Orders that are many.' } },
    additionalProperties: false,
  },
  run({ request: { principal }, response, log }, { many }) {
    if (principal.kind !== 'user' || response.status !== 201) return;
    const count = (orders.get(principal.subject) ?? 0) + 1;
    orders.delete(principal.subject);
    orders.set(principal.subject, count);
    const [oldest] = orders.keys();
    if (orders.size > REMEMBERED && oldest !== undefined) orders.delete(oldest);
    response.headers.set('x-orders', String(count));
    if (count >= many) log.info({ user: principal.subject, orders: count }, 'orders a lot');
  },
} satisfies Filter<{ many: number }>;
