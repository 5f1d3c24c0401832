/**
 * A service with a capacity: so many requests at once, each of which takes so many milliseconds; whoever comes beyond waits in
 * order, without a bound, so that under overload it answers ever later, as services do. A program: workers, milliseconds.
 */
import { createServer, type ServerResponse } from 'node:http';

const [workers = 0, milliseconds = 0] = process.argv.slice(2).map(Number);
const waiting: ServerResponse[] = [];
let busy = 0;

function serve(res: ServerResponse): void {
  busy += 1;
  setTimeout(() => {
    res.end('served');
    busy -= 1;
    const next = waiting.shift();
    if (next) serve(next);
  }, milliseconds);
}

const server = createServer({ keepAliveTimeout: 600_000 }, (req, res) => {
  req.resume();
  if (busy < workers) serve(res);
  else waiting.push(res);
});
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${(server.address() as { port: number }).port}`));
