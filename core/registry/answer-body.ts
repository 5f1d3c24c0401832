/** The body of an answer that somebody else wrote. */

/** @param limit bytes @throws when there are more, without reading them all; and as the body does, when it ends too soon */
export async function readAnswer(body: AsyncIterable<Buffer>, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > limit) throw new Error(`the answer is larger than ${limit} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
