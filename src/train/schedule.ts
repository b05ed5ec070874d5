// The learning rate along a run.

/**
 * Learning rate of `step` (from 0): linear warm-up to `peak` over `warmup` (a share of the schedule), then a cosine that reaches
 * zero at the schedule's end, which is `span` times the run's: just after the last step with 1. The published trainer's 1.35
 * (train_gemma_resume_val.py, line 227) stops at 17 % of the peak.
 */
export function learningRateAt(
  step: number,
  options: { peak: number; steps: number; warmup: number; span?: number },
): number {
  const { peak, warmup } = options;
  const steps = Math.floor(options.steps * (options.span ?? 1));
  const rising = Math.round(steps * warmup);
  if (step < rising) return (peak * (step + 1)) / rising;
  return (peak * (1 + Math.cos((Math.PI * (step - rising)) / (steps - rising)))) / 2;
}
