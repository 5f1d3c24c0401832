/** The `Forwarded` field (RFC 7239): what the hops before say of the client. */

export interface ForwardedElement {
  for?: string;
  proto?: string;
  host?: string;
}

const PAIR = /\s*([!#$%&'*+.^_`|~0-9a-z-]+)=(?:"((?:[^"\\]|\\.)*)"|([^";,\s]*))\s*/iy;

/** The elements in order, the nearest hop last; an empty list for anything malformed, for half a truth is none. */
export function parseForwarded(field: string): ForwardedElement[] {
  const elements: ForwardedElement[] = [];
  let element: Record<string, string> = Object.create(null);
  PAIR.lastIndex = 0;
  for (let at = 0; at < field.length; ) {
    PAIR.lastIndex = at;
    const pair = PAIR.exec(field);
    if (!pair) return [];
    element[(pair[1] as string).toLowerCase()] = pair[2]?.replace(/\\(.)/g, '$1') ?? pair[3] ?? '';
    at = PAIR.lastIndex;
    const separator = field[at];
    if (separator !== undefined && separator !== ';' && separator !== ',') return [];
    if (separator !== ';') {
      elements.push(element);
      element = Object.create(null);
    }
    at += 1;
  }
  return elements;
}
