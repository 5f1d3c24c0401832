/** Figures as they are told to people: no more digits than anybody reads, so that what did not change to the eye is not told again. */

/** Three digits, whole numbers whole. */
export function rounded(value: number): number {
  if (!Number.isFinite(value)) return 0;
  if (value >= 100) return Math.round(value);
  return value >= 10 ? Math.round(value * 10) / 10 : Math.round(value * 100) / 100;
}

const STEPS = [1, 1.5, 2, 3, 5, 7, 10] as const;

/** The nearest of a few steps: of what never stands still, and would be told anew each time. */
export function coarse(value: number): number {
  if (!(value >= 0.1)) return 0;
  const unit = 10 ** Math.floor(Math.log10(value));
  const near = (step: number) => Math.abs(step - value / unit);
  return Math.round(STEPS.reduce((best, step) => (near(step) < near(best) ? step : best)) * unit * 10) / 10;
}
