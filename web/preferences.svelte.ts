// What the reader has chosen: language, colours, model, temperature. Kept in the browser and applied to the whole page.

import { readStored, writeStored } from "./storage.ts";
import {
  INTERFACE_LANGUAGES,
  type InterfaceLanguage,
  preferredLanguage,
  STRINGS,
} from "./strings/strings.ts";

const KEY = "apollo.preferences";

interface StoredPreferences {
  language: InterfaceLanguage;
  /** Absent: as the system has it. */
  dark?: boolean | undefined;
  model: string;
  temperature: number;
  /** ISO code of the country whose numbers are shown; empty: by language. */
  region: string;
}

/** Makes the preferences and applies them to `<html>` whenever they change. */
export function createPreferences() {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const chosen = $state<StoredPreferences>({
    language: preferredLanguage(navigator.languages),
    model: "",
    // The likeliest words: on health questions, variety is something to ask for.
    temperature: 0,
    region: "",
    ...restore(),
  });
  let systemDark = $state(system.matches);
  system.addEventListener("change", () => {
    systemDark = system.matches;
  });
  const language = $derived(INTERFACE_LANGUAGES.find(({ code }) => code === chosen.language)!);
  const dark = $derived(chosen.dark ?? systemDark);

  $effect.root(() => {
    $effect(() => {
      const root = document.documentElement;
      root.lang = language.tag;
      root.dir = language.direction;
      root.dataset.theme = dark ? "dark" : "light";
    });
    $effect(() => {
      writeStored(KEY, JSON.stringify(chosen));
    });
  });

  return {
    chosen,
    /** The interface's words. */
    get words() {
      return STRINGS[chosen.language];
    },
    /** The tag for `Intl`; digits are Western in all languages, as medicine prints them. */
    get locale() {
      return `${language.tag}-u-nu-latn`;
    },
    get dark() {
      return dark;
    },
    set dark(value: boolean) {
      chosen.dark = value;
    },
  };
}

/** See `createPreferences`. */
export type Preferences = ReturnType<typeof createPreferences>;

function restore(): Partial<StoredPreferences> {
  try {
    const stored = JSON.parse(readStored(KEY) ?? "{}") as Partial<StoredPreferences>;
    const known = INTERFACE_LANGUAGES.some(({ code }) => code === stored.language);
    return {
      ...(known && stored.language !== undefined ? { language: stored.language } : {}),
      ...(typeof stored.dark === "boolean" ? { dark: stored.dark } : {}),
      ...(typeof stored.model === "string" ? { model: stored.model } : {}),
      ...(typeof stored.region === "string" ? { region: stored.region } : {}),
      ...(typeof stored.temperature === "number" ? { temperature: stored.temperature } : {}),
    };
  } catch {
    return {};
  }
}
