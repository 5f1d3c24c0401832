/** Orders. To place one it asks for stock, as any service would: through the private gateway, passing the trace on. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { json, read } from './json.ts';

interface Order {
  id: number;
  item: string;
  user: string;
}

/** @param privateGateway its URL */
export function createOrders(privateGateway: string): Server {
  const orders: Order[] = [{ id: 1, item: 'lamp', user: 'ada' }];

  const serve = async (req: IncomingMessage, res: ServerResponse) => {
    const { pathname } = new URL(req.url ?? '/', 'http://orders');
    if (req.method === 'POST' && pathname === '/orders') {
      const { item } = await read(req);
      const stock = await fetch(`${privateGateway}/stock/${encodeURIComponent(String(item))}`, { headers: passedOn(req) });
      if (!stock.ok) return json(res, 409, { error: 'out of stock', item, answered: stock.status });
      const order = { id: orders.length + 1, item: String(item), user: String(req.headers['x-user-id'] ?? '') };
      orders.push(order);
      return json(res, 201, order);
    }
    const id = /^\/orders\/(\d+)$/.exec(pathname)?.[1];
    if (id === undefined) return json(res, 200, orders);
    const order = orders.find((candidate) => candidate.id === Number(id));
    return order ? json(res, 200, order) : json(res, 404, { error: 'no such order' });
  };
  return createServer((req, res) => {
    serve(req, res).catch((error) => {
      // An item that no URL can carry is the user's fault; whatever else goes wrong, the others are still served.
      if (!res.headersSent) json(res, error instanceof URIError ? 400 : 500, { error: String(error) });
    });
  });
}

/** What ties the calls of one request together: its trace and id, how long its caller waits, and who will try again. */
function passedOn(req: IncomingMessage): Record<string, string> {
  const names = ['traceparent', 'tracestate', 'x-request-id', 'x-gateway-time-left', 'x-gateway-attempts'];
  const fields = names.map((name) => [name, req.headers[name]]);
  return Object.fromEntries(fields.filter(([, value]) => typeof value === 'string'));
}
