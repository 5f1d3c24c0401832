/** Which encoding a client takes (RFC 9110 section 12.5.3). */

/**
 * @param offered the best first
 * @returns the one it likes best, of two alike the first offered; undefined where it takes the answer only as it is
 */
export function accepted<Encoding extends string>(
  field: string | string[] | undefined,
  offered: readonly Encoding[],
): Encoding | undefined {
  const weights = new Map(
    String(field ?? '')
      .toLowerCase()
      .split(',')
      .map((item) => {
        const [name = '', ...parameters] = item.split(';').map((part) => part.trim());
        const quality = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
        return [name, quality === undefined ? 1 : Number(quality) || 0] as const;
      }),
  );
  const weightOf = (encoding: string) =>
    weights.get(encoding) ?? (encoding === 'gzip' ? weights.get('x-gzip') : undefined) ?? weights.get('*') ?? 0;
  let best: Encoding | undefined;
  for (const encoding of offered) if (weightOf(encoding) > (best === undefined ? 0 : weightOf(best))) best = encoding;
  const plain = weights.get('identity') ?? 0;
  return best !== undefined && weightOf(best) >= plain ? best : undefined;
}
