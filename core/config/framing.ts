/** Fields that say how a message is framed and where it goes: the gateway writes them (RFC 9110 section 7.6.1, RFC 9112 section 6). */
export const FRAMING: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'http2-settings',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);
