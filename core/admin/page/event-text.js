/** The text of an event stream (HTML standard, 9.2.6) as an admin port writes it: a name and one line of JSON for each event. */

/** @param {string} text of one event @returns {{ name: string, data: any } | undefined} undefined where it is none, as a greeting */
export function eventOf(text) {
  // Not `.`, for which U+2028 ends a line: it may stand in any name.
  const [, name, data] = /^event: ([^\n]*)\ndata: ([^\n]*)$/.exec(text) ?? [];
  return name === undefined || data === undefined ? undefined : { name, data: JSON.parse(data) };
}
