// The learning rate along a run.

/**
 * Learning rate of `step` (from 0): linear warm-up to `peak` over `warmup` (a share of all steps), then a cosine that reaches
 * zero just after the last step. The published trainer's cosine is stretched and stops at 17 % of the peak; this one does not.
 */
export function learningRateAt(
  step: number,
  options: { peak: number; steps: number; warmup: number },
): number {
  const { peak, steps, warmup } = options;
  const rising = Math.round(steps * warmup);
  if (step < rising) return (peak * (step + 1)) / rising;
  return (peak * (1 + Math.cos((Math.PI * (step - rising)) / (steps - rising)))) / 2;
}
