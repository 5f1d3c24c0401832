/** @returns the same text in one piece of its own: one that is part of another, or made of others, keeps all of these in memory, secrets too */
export const ownCopy = (text: string): string => Buffer.from(text, 'utf16le').toString('utf16le');
