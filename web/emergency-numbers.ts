// Emergency and crisis numbers, as data: only those that were found on public pages when they were checked. The card says when
// that was and what to do if one no longer answers.

/** A number that can be called. */
export interface EmergencyNumber {
  /** ISO 3166 region (or `EU`), named in the reader's language by the browser. */
  readonly region: string;
  readonly service: "emergency" | "crisis";
  readonly numbers: readonly string[];
  /** A number that takes text messages. */
  readonly text?: string;
  /** Hours it answers, when it does not always. */
  readonly hours?: "24 h" | "≥ 18 h";
  /** Languages of the interface whose readers see it first. */
  readonly first: readonly string[];
}

/** When the numbers were checked: year and month. */
export const CHECKED_ON = "2026-11";

/** Shown in this order, after those of the reader's language. */
export const EMERGENCY_NUMBERS: readonly EmergencyNumber[] = [
  { region: "EU", service: "emergency", numbers: ["112"], first: ["fr", "es"] },
  { region: "US", service: "emergency", numbers: ["911"], first: ["en"] },
  { region: "CA", service: "emergency", numbers: ["911"], first: ["en"] },
  { region: "GB", service: "emergency", numbers: ["999", "112"], first: ["en"] },
  { region: "CN", service: "emergency", numbers: ["120"], first: ["zh"] },
  { region: "IN", service: "emergency", numbers: ["112", "108"], first: ["hi"] },
  { region: "FR", service: "emergency", numbers: ["15", "112"], text: "114", first: ["fr"] },
  { region: "ES", service: "emergency", numbers: ["112"], first: ["es"] },
  { region: "MX", service: "emergency", numbers: ["911"], first: ["es"] },
  { region: "EG", service: "emergency", numbers: ["123"], first: ["ar"] },
  { region: "SA", service: "emergency", numbers: ["997", "911"], first: ["ar"] },
  { region: "US", service: "crisis", numbers: ["988"], text: "988", hours: "24 h", first: ["en"] },
  { region: "CN", service: "crisis", numbers: ["12356"], hours: "≥ 18 h", first: ["zh"] },
  { region: "FR", service: "crisis", numbers: ["3114"], hours: "24 h", first: ["fr"] },
  { region: "ES", service: "crisis", numbers: ["024"], hours: "24 h", first: ["es"] },
  { region: "MX", service: "crisis", numbers: ["800 911 2000"], hours: "24 h", first: ["es"] },
  { region: "IN", service: "crisis", numbers: ["14416"], hours: "24 h", first: ["hi"] },
  { region: "EG", service: "crisis", numbers: ["16328"], hours: "24 h", first: ["ar"] },
];

/** The numbers of one service, those for readers of `language` first. */
export function numbersFor(service: EmergencyNumber["service"], language: string): EmergencyNumber[] {
  return EMERGENCY_NUMBERS.filter((entry) => entry.service === service).sort(
    (a, b) => Number(b.first.includes(language)) - Number(a.first.includes(language)),
  );
}
