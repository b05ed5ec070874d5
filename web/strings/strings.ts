// The words of the interface, one file for each language, all of the same shape.
import { ar } from "./ar.ts";
import { en } from "./en.ts";
import { es } from "./es.ts";
import { fr } from "./fr.ts";
import { hi } from "./hi.ts";
import { zh } from "./zh.ts";

/** Every text of the interface. `{name}` stands for a value filled in by `fill`. */
export interface Strings {
  readonly conversations: string;
  readonly newConversation: string;
  readonly noConversations: string;
  readonly deleteConversation: string;
  readonly deleteAll: string;
  readonly confirmDelete: string;
  readonly confirmDeleteAll: string;
  readonly exportMarkdown: string;
  readonly exportJson: string;
  readonly thisConversation: string;
  readonly openMenu: string;
  readonly close: string;
  readonly language: string;
  readonly darkMode: string;
  readonly model: string;
  readonly noModel: string;
  /** The sampling temperature: on a medical page that word means fever. */
  readonly variety: string;
  readonly varietyHelp: string;
  readonly message: string;
  readonly placeholder: string;
  readonly send: string;
  readonly stop: string;
  readonly regenerate: string;
  readonly copy: string;
  readonly copied: string;
  readonly you: string;
  readonly assistant: string;
  readonly conversation: string;
  readonly announcements: string;
  readonly writing: string;
  readonly finished: string;
  readonly stopped: string;
  readonly lengthLimit: string;
  readonly skipToMessage: string;
  readonly welcome: string;
  readonly examplesTitle: string;
  readonly examples: readonly string[];
  readonly aboutTitle: string;
  readonly about: readonly string[];
  readonly privacyLocal: string;
  readonly privacyServer: string;
  readonly privacyRemoteModel: string;
  readonly edit: string;
  readonly cancel: string;
  readonly earlierVersion: string;
  readonly laterVersion: string;
  readonly version: string;
  readonly doNow: string;
  readonly doNot: string;
  readonly poisonNumbers: string;
  readonly chooseCountry: string;
  readonly anyCountry: string;
  readonly notChecked: string;
  readonly personalTitle: string;
  readonly personalHelp: string;
  readonly personalEmail: string;
  readonly personalPhone: string;
  readonly personalId: string;
  readonly personalBirth: string;
  readonly personalRecord: string;
  readonly personalName: string;
  readonly sendAnyway: string;
  readonly editMessage: string;
  readonly alpha: string;
  readonly alphaHelp: string;
  readonly examTitle: string;
  readonly examScore: string;
  readonly examNone: string;
  readonly results: string;
  readonly moreNumbers: string;
  readonly emergency: string;
  readonly emergencyTitle: string;
  readonly emergencySteps: readonly string[];
  readonly emergencyNumbers: string;
  readonly crisisNumbers: string;
  readonly textMessage: string;
  readonly country: string;
  readonly number: string;
  readonly elsewhere: string;
  readonly numbersNote: string;
  readonly checked: string;
  readonly keyNeeded: string;
  readonly key: string;
  readonly useKey: string;
  readonly errorBusy: string;
  readonly errorConnection: string;
  readonly errorTooLong: string;
  readonly errorServer: string;
  readonly errorStorage: string;
  readonly exportNotice: string;
}

/** The languages of the interface: code, own name, direction, and the tag for `lang`. */
export const INTERFACE_LANGUAGES = [
  { code: "en", name: "English", direction: "ltr", tag: "en" },
  { code: "zh", name: "中文", direction: "ltr", tag: "zh-Hans" },
  { code: "fr", name: "Français", direction: "ltr", tag: "fr" },
  { code: "es", name: "Español", direction: "ltr", tag: "es" },
  { code: "hi", name: "हिन्दी", direction: "ltr", tag: "hi" },
  { code: "ar", name: "العربية", direction: "rtl", tag: "ar" },
] as const;

/** A language of the interface. */
export type InterfaceLanguage = (typeof INTERFACE_LANGUAGES)[number]["code"];

/** All texts by language. */
export const STRINGS: Readonly<Record<InterfaceLanguage, Strings>> = { en, zh, fr, es, hi, ar };

/** The first of the reader's languages that the interface has; else English. */
export function preferredLanguage(tags: readonly string[]): InterfaceLanguage {
  for (const tag of tags) {
    const found = INTERFACE_LANGUAGES.find(({ code }) => tag.toLowerCase().split("-")[0] === code);
    if (found !== undefined) return found.code;
  }
  return "en";
}

/** Puts values in place of `{name}`. */
export function fill(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
}
