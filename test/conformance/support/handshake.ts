/** The two halves of a WebSocket handshake, as bytes (the sample of RFC 6455 section 1.3). */

export const asksUpgrade = (...lines: string[]): string =>
  [
    'GET /chat HTTP/1.1',
    'Host: a',
    'Connection: keep-alive, Upgrade',
    'Upgrade: WebSocket',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Version: 13',
    ...lines,
    '',
    '',
  ].join('\r\n');

export const grantsUpgrade = (...lines: string[]): string =>
  [
    'HTTP/1.1 101 Switching Protocols',
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=',
    ...lines,
    '',
    '',
  ].join('\r\n');
