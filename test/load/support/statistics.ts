/** The few numbers that the benchmarks reduce their samples to. */

export function quantile(values: readonly number[], share: number): number {
  if (values.length === 0) return Number.NaN;
  const sorted = [...values].sort((a, b) => a - b);
  const place = (sorted.length - 1) * share;
  const below = sorted[Math.floor(place)] ?? Number.NaN;
  const above = sorted[Math.ceil(place)] ?? Number.NaN;
  return below + (above - below) * (place - Math.floor(place));
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/**
 * The median of the ratios of the rounds, not the ratio of the medians: the two of one round were measured seconds apart,
 * so what slowed the machine down for a while slowed both.
 */
export function medianRatio(values: readonly number[], others: readonly number[]): number {
  return median(values.slice(0, others.length).map((value, round) => value / (others[round] ?? Number.NaN)));
}

/** Least squares: how much y grows for one x. */
export function slope(points: readonly (readonly [x: number, y: number])[]): number {
  const meanX = points.reduce((total, [x]) => total + x, 0) / points.length;
  const meanY = points.reduce((total, [, y]) => total + y, 0) / points.length;
  const over = points.reduce((total, [x, y]) => total + (x - meanX) * (y - meanY), 0);
  return over / points.reduce((total, [x]) => total + (x - meanX) ** 2, 0);
}
