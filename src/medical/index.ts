export { hasRightToLeft, isolate, splitRuns, stripDirectionControls, type TextRun } from "./bidi.ts";
export {
  CHECKED_ON,
  EMERGENCY_NUMBERS,
  EMERGENCY_REGIONS,
  type EmergencyNumber,
  type EmergencyService,
  numbersFor,
} from "./emergency-numbers.ts";
export {
  type CardLanguage,
  disclaimerIn,
  type FirstSteps,
  firstStepsFor,
  footnoteFor,
} from "./first-steps.ts";
export { findIdentifiers, type Identifier, type IdentifierType } from "./identifiers.ts";
export { findPersonalData, type PersonalData, type PersonalDataKind } from "./personal-data.ts";
export { personalDataNotice } from "./personal-data-notice.ts";
export type { RedFlagCategory, RedFlagLanguage } from "./red-flag-language.ts";
export { assessRedFlags, type RedFlagAssessment, type RedFlagLevel } from "./red-flags.ts";
