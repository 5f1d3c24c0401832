/** Figures as they are told to people: no more digits than anybody reads, so that what did not change to the eye is not told again. */

/** Three digits, whole numbers whole. */
export function rounded(value: number): number {
  if (!Number.isFinite(value)) return 0;
  if (value >= 100) return Math.round(value);
  return value >= 10 ? Math.round(value * 10) / 10 : Math.round(value * 100) / 100;
}

/** Two digits: of what never stands still. */
export function coarse(value: number): number {
  if (value < 10) return Math.round(value * 10) / 10;
  const unit = 10 ** (Math.floor(Math.log10(value)) - 1);
  return Math.round(value / unit) * unit;
}
