// Emergency, crisis and poison numbers by country, as data. `checked` numbers were found on public pages in the month below; the others
// are common knowledge that was not checked, and whoever shows them says so.

/** What a number is for. */
export type EmergencyService = "emergency" | "crisis" | "poison";

/** A number that can be called. */
export interface EmergencyNumber {
  /** ISO 3166 region (or `EU`), named in the reader's language by the browser. */
  readonly region: string;
  readonly service: EmergencyService;
  readonly numbers: readonly string[];
  /** A number that takes text messages. */
  readonly text?: string;
  /** Hours it answers, when it does not always. */
  readonly hours?: "24 h" | "≥ 18 h";
  /** Languages whose readers see it first when no country is chosen. */
  readonly first: readonly string[];
  /** False: not looked up lately. */
  readonly checked: boolean;
}

/** When the checked numbers were checked: year and month. */
export const CHECKED_ON = "2026-11";

const entry = (
  service: EmergencyService,
  region: string,
  numbers: string,
  first = "",
  more: Partial<Pick<EmergencyNumber, "text" | "hours" | "checked">> = {},
): EmergencyNumber => ({
  region,
  service,
  numbers: numbers.split("|"),
  first: first === "" ? [] : first.split(" "),
  checked: true,
  ...more,
});
const unchecked = { checked: false } as const;
const allDay = { hours: "24 h" } as const;

/** Shown in this order, after those of the reader's language. */
export const EMERGENCY_NUMBERS: readonly EmergencyNumber[] = [
  entry("emergency", "EU", "112", "fr es"),
  entry("emergency", "US", "911", "en"),
  entry("emergency", "CA", "911", "en"),
  entry("emergency", "GB", "999|112", "en"),
  entry("emergency", "CN", "120", "zh"),
  entry("emergency", "IN", "112|108", "hi"),
  entry("emergency", "FR", "15|112", "fr", { text: "114" }),
  entry("emergency", "ES", "112", "es"),
  entry("emergency", "MX", "911", "es"),
  entry("emergency", "EG", "123", "ar"),
  entry("emergency", "SA", "997|911", "ar"),
  ...(
    [
      ["AE", "998|999"],
      ["AR", "107|911"],
      ["AU", "000"],
      ["BE", "112"],
      ["BH", "999"],
      ["CH", "144|112"],
      ["CI", "185"],
      ["CL", "131"],
      ["CO", "123"],
      ["CU", "104"],
      ["DO", "911"],
      ["DZ", "14|1021"],
      ["EC", "911"],
      ["FJ", "911"],
      ["GT", "122|123"],
      ["HK", "999"],
      ["HT", "116"],
      ["IE", "112|999"],
      ["IQ", "122"],
      ["JO", "911"],
      ["KE", "999|112"],
      ["KW", "112"],
      ["LB", "140"],
      ["LU", "112"],
      ["MA", "141|15"],
      ["MO", "999"],
      ["MU", "114"],
      ["MY", "999"],
      ["NG", "112"],
      ["NI", "128"],
      ["NP", "102"],
      ["NZ", "111"],
      ["OM", "9999"],
      ["PE", "106"],
      ["PS", "101"],
      ["QA", "999"],
      ["SG", "995"],
      ["SN", "1515"],
      ["SV", "132"],
      ["SY", "110"],
      ["TN", "190|198"],
      ["TW", "119"],
      ["UY", "105|911"],
      ["VE", "911|171"],
      ["YE", "191"],
      ["ZA", "10177|112"],
    ] as const
  ).map(([region, numbers]) => entry("emergency", region, numbers, "", unchecked)),
  entry("crisis", "US", "988", "en", { text: "988", ...allDay }),
  entry("crisis", "CN", "12356", "zh", { hours: "≥ 18 h" }),
  entry("crisis", "FR", "3114", "fr", allDay),
  entry("crisis", "ES", "024", "es", allDay),
  entry("crisis", "MX", "800 911 2000", "es", allDay),
  entry("crisis", "IN", "14416", "hi", allDay),
  entry("crisis", "EG", "16328", "ar", allDay),
  ...(
    [
      ["GB", "116 123"],
      ["IE", "116 123"],
      ["CA", "988"],
      ["AU", "13 11 14"],
      ["NZ", "1737"],
      ["ZA", "0800 567 567"],
      ["HK", "18111"],
      ["TW", "1925"],
      ["SG", "1767"],
      ["BE", "0800 32 123"],
      ["CH", "143"],
      ["LU", "45 45 45"],
      ["MO", "2852 5222"],
      ["NP", "1166"],
      ["AE", "800 4673"],
      ["QA", "16000"],
      ["SA", "920033360"],
      ["LB", "1564"],
    ] as const
  ).map(([region, numbers]) => entry("crisis", region, numbers, "", unchecked)),
  entry("poison", "IN", "1800 116 117", "hi", unchecked),
  ...(
    [
      ["US", "1-800-222-1222"],
      ["CA", "1-844-764-7669"],
      ["GB", "111"],
      ["IE", "01 809 2166"],
      ["AU", "13 11 26"],
      ["NZ", "0800 764 766"],
      ["BE", "070 245 245"],
      ["CH", "145"],
      ["ES", "91 562 04 20"],
      ["TW", "02-2871-7121"],
      ["FR", "01 40 05 48 48"],
      ["SA", "937"],
      ["AE", "800 424"],
      ["AR", "0800-333-0160"],
      ["CL", "2 2635 3800"],
      ["CO", "018000 916012"],
      ["EC", "1800 836366"],
      ["LU", "8002 5500"],
      ["MA", "0801 000 180"],
      ["MY", "1-800-88-8099"],
      ["PE", "0800-13040"],
      ["UY", "1722"],
      ["ZA", "0861 555 777"],
    ] as const
  ).map(([region, numbers]) => entry("poison", region, numbers, "", unchecked)),
];

/** Countries that have an emergency number here, as ISO codes in alphabetical order. */
export const EMERGENCY_REGIONS: readonly string[] = EMERGENCY_NUMBERS.filter(
  ({ service, region }) => service === "emergency" && region !== "EU",
)
  .map(({ region }) => region)
  .sort();

/**
 * The numbers of one service: only those of `region` when it is chosen and has one, else the checked ones, those for readers of
 * `language` first. A language is a hint, never proof of a country.
 */
export function numbersFor(service: EmergencyService, language: string, region = ""): EmergencyNumber[] {
  const all = EMERGENCY_NUMBERS.filter((number) => number.service === service);
  const own = all.filter((number) => number.region === region);
  if (own.length > 0) return own;
  const shown = service === "poison" ? [] : all.filter((number) => number.checked);
  return shown.sort((a, b) => Number(b.first.includes(language)) - Number(a.first.includes(language)));
}

/** Every number above without spaces: a message that names one contains nobody's personal number. */
export const PUBLIC_NUMBERS: ReadonlySet<string> = new Set(
  EMERGENCY_NUMBERS.flatMap(({ numbers, text = "" }) => [...numbers, text]).map((number) =>
    number.replace(/\D/gu, ""),
  ),
);
