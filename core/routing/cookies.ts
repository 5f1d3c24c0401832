/** Cookies of a request, as sent: a client may send several of one name (RFC 6265 section 5.4). */

/** Every value of a cookie, in the order of the field. */
export function cookieValues(field: string | undefined, name: string): string[] {
  if (field === undefined) return [];
  return field.split(';').flatMap((pair) => {
    const equals = pair.indexOf('=');
    return equals !== -1 && pair.slice(0, equals).trim() === name ? [pair.slice(equals + 1).trim()] : [];
  });
}
