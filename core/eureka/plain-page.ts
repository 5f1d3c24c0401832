/** `GET /plain`: who is registered as a page without scripts, for browsers that run none, such as those of a terminal. */
import type Router from '@koa/router';
import { pageHeaders } from '../page/page.ts';
import type { Lease } from '../registry/lease.ts';
import type { Registry } from '../registry/registry.ts';

/** Instances shown; for more there is the other page, and the API. */
const MOST = 1_000;

export function plainPageRoute(router: Router, registry: Registry): void {
  router.get('/plain', (ctx) => {
    ctx.set({ ...pageHeaders, 'Cache-Control': 'no-store' });
    ctx.type = 'text/html; charset=utf-8';
    ctx.body = document(registry);
  });
}

function document(registry: Registry): string {
  const { lastMinute, threshold, evicting } = registry.renewals;
  const leases = registry.leases();
  const preserving = evicting || leases.length === 0 ? '' : ' <strong>Renewals are below the threshold: nobody is evicted.</strong>';
  const cut = leases.length > MOST ? `<p>Of ${leases.length} instances the first ${MOST} are shown.</p>` : '';
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Registry · Postern</title>
<link rel="icon" href="page/icon.svg">
<link rel="stylesheet" href="page/style.css">
<link rel="stylesheet" href="page/parts.css">
<div class="page stack">
<h1>Registry</h1>
<p>${leases.length} instances. ${lastMinute} renewals in the last minute, threshold ${threshold}.${preserving}</p>
${cut}
<div class="surface plain">
<table>
<thead><tr><th scope="col">Instance<th scope="col">Application<th scope="col">Address<th scope="col">Status<th scope="col">Zone</thead>
<tbody>
${leases.slice(0, MOST).map(row).join('\n')}
</tbody>
</table>
</div>
</div>
</html>
`;
}

function row({ instance, override }: Lease): string {
  const { id, app, hostName, port, status, metadata } = instance;
  const said = override === undefined ? status : `${status} (overridden)`;
  const cells = [app, `${hostName}:${port.port}`, said, metadata['zone'] ?? ''];
  return `<tr><th scope="row">${escaped(id)}${cells.map((cell) => `<td>${escaped(cell)}`).join('')}</tr>`;
}

/** As the text of an element. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
