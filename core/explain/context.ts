/** A described request as the pipeline would carry it: node's own objects, on a connection that was never made. */
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { Context } from '../context.ts';
import { keepUpgradeHead, wantsWebSocket } from '../upstream/upgrade-head.ts';
import type { DescribedRequest } from './request.ts';

/** @param tls whether the gateway speaks it, where the description does not say */
export function contextOf(request: DescribedRequest, tls: boolean): Context {
  const { method, target, host, scheme, headers, rawHeaders } = request;
  const socket = socketOf(request, scheme === undefined ? tls : scheme === 'https');
  const req = new IncomingMessage(socket);
  req.method = method;
  req.url = target;
  // A description has no version; only what came without a Host was of the older one.
  [req.httpVersionMajor, req.httpVersionMinor, req.httpVersion] = host === '' ? [1, 0, '1.0'] : [1, 1, '1.1'];
  req.headers = { ...headers };
  req.rawHeaders = [...rawHeaders];
  // Without the word in Connection, node's parser sees none.
  const asksFor = /(?:^|,)[ \t]*upgrade[ \t]*(?:,|$)/i.test(headers.connection ?? '');
  if (asksFor && wantsWebSocket(request)) keepUpgradeHead(req, Buffer.alloc(0));
  const state = { requestId: '', answer: [], params: {}, principal: { kind: 'anonymous' } };
  return { req, res: new ServerResponse(req), state } as unknown as Context;
}

function socketOf({ from = '', certificate }: DescribedRequest, encrypted: boolean): Socket {
  const socket = new Socket();
  const shown = { subjectaltname: certificate === undefined ? '' : `DNS:${certificate}`, subject: {} };
  return Object.defineProperties(socket, {
    remoteAddress: { value: from },
    ...(encrypted
      ? { encrypted: { value: true }, authorized: { value: certificate !== undefined }, getPeerCertificate: { value: () => shown } }
      : {}),
  });
}
