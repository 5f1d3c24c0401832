/**
 * A shop's frontend: a page and a login, on an origin of its own. The login answers with an access token and also keeps it
 * in a cookie for all hosts of the shop, since a page cannot set a header on a WebSocket.
 */
import { createServer } from 'node:http';
import type { Bench } from './bench.ts';
import type { Issuer } from './issuer.ts';

const page = `<!doctype html>
<title>Shop</title>
<script>
let token;
async function logIn() {
  token = (await (await fetch('/login', { method: 'POST' })).json()).token;
}
async function call(url, init = {}) {
  try {
    const headers = token ? { authorization: 'Bearer ' + token, ...init.headers } : { ...init.headers };
    const response = await fetch(url, { credentials: 'include', ...init, headers });
    return { status: response.status, type: response.headers.get('content-type'), body: await response.text() };
  } catch (error) {
    return { status: 0, type: null, body: String(error) };
  }
}
function chat(url, message) {
  return new Promise((resolve) => {
    const socket = new WebSocket(url);
    socket.onopen = () => socket.send(message);
    socket.onmessage = ({ data }) => { resolve(data); socket.close(1000); };
    socket.onclose = ({ code }) => resolve('closed ' + code);
  });
}
</script>`;

/** What `call` in the page resolves with; status 0 when the browser let nothing of the answer through. */
export interface Answer {
  readonly status: number;
  readonly type: string | null;
  readonly body: string;
}

/** Serves the page at every host name of the shop; returns its port. */
export function startShop(bench: Bench, issuer: Issuer, domain: string): Promise<number> {
  const server = createServer(async (request, response) => {
    if (request.method !== 'POST') return response.writeHead(200, { 'content-type': 'text/html' }).end(page);
    const token = await issuer.token('ada', { scope: 'shop' });
    response.writeHead(200, {
      'content-type': 'application/json',
      'set-cookie': `session=${token}; Domain=${domain}; Path=/; HttpOnly; SameSite=Lax`,
    });
    return response.end(JSON.stringify({ token }));
  });
  return bench.listen(server);
}
