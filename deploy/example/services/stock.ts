/** What is in stock. Two of these run, so that the balancer has a choice; each names itself in the answer. */
import { createServer, type Server } from 'node:http';
import { json } from './json.ts';

const stock = new Map([
  ['lamp', 12],
  ['desk', 3],
  ['chair', 0],
]);

export function createStock(instance: string): Server {
  return createServer((req, res) => {
    const item = /^\/stock\/([^/]+)/.exec(req.url ?? '')?.[1];
    if (item === undefined) return json(res, 200, { instance, items: Object.fromEntries(stock) });
    const left = stock.get(decodeURIComponent(item)) ?? 0;
    return left > 0 ? json(res, 200, { instance, item, left }) : json(res, 404, { instance, item, left });
  });
}
