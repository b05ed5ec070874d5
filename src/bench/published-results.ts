// Table 3 of the Apollo paper (arXiv 2403.03640; the image of 2024-04-25 in its repository): accuracies in percent as printed,
// nothing recomputed, with what is known to be doubtful about them.

/** The paper's columns, left to right, the source of XMedBench behind each, and how many items the released test set has of it. */
export const PAPER_COLUMNS = [
  { source: "medqa-usmle", title: "USMLE", language: "en", items: 1273 },
  { source: "medmcqa", title: "MedMCQA", language: "en", items: 4183 },
  { source: "mmlu-medical", title: "MMLU", language: "en", items: 1871 },
  { source: "medqa-mcmle", title: "MCMLE", language: "zh", items: 3426 },
  { source: "cmmlu-medical", title: "CMMLU", language: "zh", items: 1333 },
  { source: "frenchmedmcqa", title: "FrenchMedMCQA", language: "fr", items: 321 },
  { source: "headqa", title: "HEAD-QA", language: "es", items: 2742 },
  { source: "mmlu-medical-ar", title: "MMLU", language: "ar", items: 1088 },
  { source: "mmlu-medical-hi", title: "MMLU", language: "hi", items: 1089 },
] as const;

/** One printed row. */
export interface PublishedRow {
  readonly model: string;
  /** Percent, in the order of the columns. */
  readonly accuracies: readonly number[];
  /** The printed average. */
  readonly average: number;
  /** A known defect of the row. */
  readonly defect?: string;
}

const SAME_ARABIC = "Arabic MMLU is printed as 1.65 in two rows";
const COPIED = "MedMCQA is printed as 36.58 in three rows";

/** The 26 rows in the paper's order. */
export const PUBLISHED_ROWS: readonly PublishedRow[] = [
  row(
    "GPT-4",
    "79.10 70.40 86.00 65.72 65.72 89.72 85.05 56.43 62.17",
    73.37,
    "MCMLE and CMMLU are printed as the same number",
  ),
  row("GPT-3.5", "61.98 56.51 72.94 58.73 50.41 68.54 71.48 39.70 39.94", 57.8),
  row("Qwen-72B", "64.10 62.16 78.46 91.68 81.47 74.14 76.62 46.87 43.16", 68.74),
  row("Meditron-70B", "55.70 50.87 69.59 48.34 40.29 53.27 59.74 19.30 31.31", 47.6),
  row("Llama-2-70B", "32.99 48.29 64.62 25.80 25.13 50.47 54.34 1.65 26.35", 36.63, SAME_ARABIC),
  row("Qwen-14B", "50.27 45.83 61.68 75.22 61.82 49.53 60.81 36.58 32.29", 52.67),
  row("Gemma-7B", "53.42 50.94 70.15 48.95 43.29 57.63 62.79 36.21 48.58", 52.44),
  row(
    "MMedLM2-7B",
    "55.46 50.49 68.15 64.30 56.11 58.57 62.14 23.53 24.15",
    51.45,
    "The mean of the printed cells is 51.43",
  ),
  row(
    "Yi-34B",
    "62.45 60.60 71.86 26.12 26.51 66.04 69.99 30.70 9.73",
    47.0,
    "The mean of the printed cells is 47.11",
  ),
  row("Mistral-7B", "47.29 47.38 62.80 38.32 34.21 50.78 51.93 28.40 27.36", 43.16),
  row("Qwen-7B", "32.36 39.52 53.22 54.32 44.71 37.69 45.05 28.31 24.89", 40.01),
  row("Zephyr-7B-beta", "41.95 42.48 58.74 36.11 31.88 46.42 46.77 27.02 27.92", 39.92),
  row("BioMistral-7B", "41.79 42.05 54.46 34.65 31.43 43.61 44.66 27.11 22.96", 38.08),
  row("Huatuo2-7B", "37.86 36.58 42.49 55.08 43.81 27.41 33.88 25.92 27.46", 36.72, COPIED),
  row("Huatuo2-13B", "29.77 36.58 42.86 56.07 45.46 22.42 36.13 18.29 13.59", 33.46, COPIED),
  row("Llama-2-7B", "32.13 36.58 40.14 25.39 25.13 29.60 33.54 21.42 27.27", 30.13, COPIED),
  row("Meditron-7B", "33.78 34.54 36.18 27.50 27.16 24.00 32.81 1.65 18.27", 26.21, SAME_ARABIC),
  row("PMC-Llama-7B", "20.11 23.12 19.72 16.90 16.73 17.13 18.68 9.65 2.85", 16.1),
  row("Apollo-0.5B", "32.99 37.82 45.87 56.57 42.08 27.41 36.67 31.89 25.90", 37.47),
  row("Apollo-1.8B", "42.18 44.99 49.12 72.30 53.56 38.01 42.15 34.74 25.62", 44.74),
  row("Apollo-2B", "38.33 42.00 52.89 46.76 36.76 38.32 41.28 31.62 31.50", 39.94),
  row("Apollo-6B", "56.25 57.53 68.65 85.52 72.62 51.71 58.47 33.46 33.61", 57.54),
  row("Apollo-7B", "56.00 58.21 71.86 72.36 59.04 60.44 63.73 41.82 45.55", 58.78),
  row("Apollo-MedJamba", "63.55 62.28 73.69 74.11 60.54 66.98 69.18 44.30 38.75", 61.49),
  row("Apollo-34B", "71.96 69.97 82.64 93.99 88.15 76.95 76.26 33.64 34.16", 69.75),
  row("Apollo-72B", "72.35 68.18 82.10 92.50 84.55 80.69 79.47 54.60 56.84", 74.59),
];

/** The rows' known defects, each once: footnote i + 1 of the table. */
export const PUBLISHED_DEFECTS: readonly string[] = [
  ...new Set(PUBLISHED_ROWS.flatMap(({ defect }) => defect ?? [])),
];

/** What to know before comparing with them. */
export const PUBLISHED_CAVEATS: readonly string[] = [
  "The published numbers have no intervals: each is one unseeded draw of three worked examples out of the test set itself.",
  "A fifth of the Arabic items (208 of 1,088) are not medical questions; they count in the published column.",
  "Chinese questions were asked with an English instruction.",
  "On USMLE more than half of the items had fewer than three worked examples, for want of room.",
  "English MMLU has nine subjects, Arabic and Hindi six: their columns are not the same examination.",
];

function row(model: string, accuracies: string, average: number, defect?: string): PublishedRow {
  return {
    model,
    accuracies: accuracies.split(" ").map(Number),
    average,
    ...(defect === undefined ? {} : { defect }),
  };
}
