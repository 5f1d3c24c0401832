/** Text of strangers on a terminal: what it may not do there, and how much room it takes. */

/** A name in one line. It may come from anybody's token: what would move the cursor stands for itself. */
export const plain = (text: string): string => text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '?');

/** A message, perhaps of several lines: what a file says in it is no command to the terminal. */
export const printable = (text: string): string => text.replace(/[\p{Cc}--[\n\t]]/gv, '?');

/** Two columns each (UAX #11), as far as names go. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;
/** They stand on the character before them. */
const MARK = /\p{M}/u;

const widthOfOne = (character: string): number => (MARK.test(character) ? 0 : WIDE.test(character) ? 2 : 1);

/** In columns. */
export function widthOf(text: string): number {
  let width = 0;
  for (const character of text) width += widthOfOne(character);
  return width;
}

/** @param width in columns; undefined for as many as it takes */
export function shortened(text: string, width: number | undefined): string {
  if (width === undefined || widthOf(text) <= width) return text;
  let [kept, used] = ['', 0];
  for (const character of text) {
    used += widthOfOne(character);
    if (used >= width) break;
    kept += character;
  }
  return `${kept}…`;
}

export const padEnd = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - widthOf(text)));
