/** One demo service as a process of its own, for containers: `node deploy/example/service.ts orders`. All listen on port 8000. */
import type { Server } from 'node:http';
import { hostname } from 'node:os';
import { createIssuer } from './services/issuer.ts';
import { createOrders } from './services/orders.ts';
import { createStock } from './services/stock.ts';
import { createUsers } from './services/users.ts';

const services: Readonly<Record<string, () => Server>> = {
  issuer: () => createIssuer('http://issuer:8000/').server,
  orders: () => createOrders('http://private:8081'),
  stock: () => createStock(hostname()),
  users: createUsers,
};

const create = services[process.argv[2] ?? ''];
if (!create) {
  process.stderr.write(`Say which: ${Object.keys(services).join(', ')}\n`);
  process.exit(2);
}
const server = create().listen(8000);
process.once('SIGTERM', () => {
  server.close();
  server.closeIdleConnections();
});
