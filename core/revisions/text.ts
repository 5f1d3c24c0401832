/** The text of a configuration, read and edited; a large one aside, for that takes longer than traffic may wait. */
import type { Path } from '../config/finding.ts';
import { aside } from './aside.ts';
import { EditError, edit } from './edit.ts';
import { type Written, written } from './written.ts';

/** Characters of a text that costs so little that a thread would cost more: some milliseconds for an edit. */
const SMALL = 2 * 1024;

type Told = { readonly json: string } | { readonly text: string } | { readonly refused: string };

/** @throws Error for what is no YAML of one document */
export async function readText(text: string): Promise<Written> {
  if (text.length <= SMALL) return written(text);
  // As JSON, which is read faster than a copy is made.
  const told = await asked('toldOf', text);
  return JSON.parse('json' in told ? told.json : 'null') as Written;
}

/** As `edit`. @throws EditError @throws Error for a text that is no YAML */
export async function editText(text: string, path: Path, value: Written | undefined): Promise<string> {
  if (text.length <= SMALL) return edit(text, path, value);
  const told = await asked('editedBy', text, path, value === undefined ? undefined : JSON.stringify(value));
  if ('refused' in told) throw new EditError(told.refused);
  return 'text' in told ? told.text : text;
}

const asked = (name: string, ...given: readonly unknown[]) => aside<Told>({ module: import.meta.url, name, given });

/** What the thread runs. */
export const toldOf = (text: string): Told => ({ json: JSON.stringify(written(text)) });

/** What the thread runs. */
export function editedBy(text: string, path: Path, json: string | undefined): Told {
  try {
    return { text: edit(text, path, json === undefined ? undefined : (JSON.parse(json) as Written)) };
  } catch (error) {
    if (error instanceof EditError) return { refused: error.message };
    throw error;
  }
}
