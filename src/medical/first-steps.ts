// What to do and what not to do until help comes, for each category of danger signs in six languages. Fixed texts: nothing here is
// written by a model, and none of them names a diagnosis.
import { ar } from "./cards/ar.ts";
import { en } from "./cards/en.ts";
import { es } from "./cards/es.ts";
import { fr } from "./cards/fr.ts";
import { hi } from "./cards/hi.ts";
import { zh } from "./cards/zh.ts";
import type { RedFlagCategory } from "./red-flag-language.ts";
import type { RedFlagAssessment } from "./red-flags.ts";

/** The languages that cards are written in. */
export type CardLanguage = "en" | "zh" | "fr" | "es" | "hi" | "ar";

/** The texts of one language. */
export interface CardTexts {
  readonly emergency: string;
  readonly sameDay: string;
  /** The number line of an emergency. */
  readonly call: string;
  readonly callToday: string;
  /** Said first to someone who may want to die. */
  readonly crisis: string;
  /** One line under an answer that only speaks about danger signs. */
  readonly footnote: string;
  /** That this may miss emergencies. */
  readonly limits: string;
  /** What the model is not; in sight wherever one answers. */
  readonly disclaimer: string;
  /** One thing to do and one not to do. */
  readonly steps: Readonly<Record<RedFlagCategory, readonly [string, string]>>;
}

/** A card to show before any answer. */
export interface FirstSteps {
  readonly urgent: boolean;
  readonly title: string;
  readonly call: string;
  readonly now: string;
  readonly not: string;
  readonly limits: string;
  /** Which numbers belong beside it. */
  readonly services: readonly ("emergency" | "crisis" | "poison")[];
}

const CARDS: Readonly<Record<CardLanguage, CardTexts>> = { en, zh, fr, es, hi, ar };

/** The card for an assessment, in `language`; `undefined` below `same_day`. */
export function firstStepsFor(
  { level, category }: RedFlagAssessment,
  language: CardLanguage,
): FirstSteps | undefined {
  if (category === undefined || (level !== "call_now" && level !== "same_day")) return undefined;
  const texts = CARDS[language];
  const [now, not] = texts.steps[category];
  const urgent = level === "call_now";
  const suicidal = category === "suicide";
  return {
    urgent,
    title: suicidal ? texts.crisis : urgent ? texts.emergency : texts.sameDay,
    call: urgent || suicidal ? texts.call : texts.callToday,
    now,
    not,
    limits: texts.limits,
    services: suicidal
      ? ["crisis", "emergency"]
      : category === "poisoning"
        ? ["emergency", "poison"]
        : ["emergency"],
  };
}

/** What everyone who talks to a model must know. */
export function disclaimerIn(language: CardLanguage): string {
  return CARDS[language].disclaimer;
}

/** One line for a message that names danger signs without describing an emergency; `undefined` for other levels. */
export function footnoteFor({ level }: RedFlagAssessment, language: CardLanguage): string | undefined {
  return level === "info" ? CARDS[language].footnote : undefined;
}
