// Ages, temperatures and blood sugars in a message, as words that the red-flag list can name: a rule cannot compare numbers.

const DAY = "days?|d|天|日|jours?|dias?|दिन|din|يوم|ايام|نهار";
const WEEK = "weeks?|wks?|周|星期|semaines?|semanas?|हफ्ते|हफ्तों|सप्ताह|hafte|اسبوع|اسابيع";
const MONTH = "months?|mo|个?月大?|mois|mes|meses|महीने|महीना|माह|mahine|mahina|شهر|اشهر|شهور";
const WORDS: Readonly<Record<string, number>> = {
  ...{
    one: 1,
    two: 2,
    three: 3,
    four: 4,
    five: 5,
    six: 6,
    un: 1,
    une: 1,
    deux: 2,
    uno: 1,
    una: 1,
    dos: 2,
    tres: 3,
  },
  ...{ एक: 1, दो: 2, ek: 1, do: 2, 一: 1, 两: 2, 二: 2, 三: 3, 十: 10, 二十: 20, 三十: 30, 四十: 40, 廿: 20 },
};
const COUNT = `\\d{1,2}|${Object.keys(WORDS)
  .sort((a, b) => b.length - a.length)
  .join("|")}`;
const AGE = new RegExp(
  `(?<![\\p{Script=Latin}\\p{Script=Devanagari}\\p{Script=Arabic}\\d.])(${COUNT})[\\s-]*(?:(${DAY})|(${WEEK})|(${MONTH}))(?![\\p{Script=Latin}])`,
  "gu",
);
/** Chinese has no spaces before a count, Arabic has words for one and two. */
const YOUNG =
  /刚?满月|出生[\d一二三四五六七八九十两]+天|(?:عمره|عمرها|عنده|عندها|عندو)\s+(?:شهر|شهرين|اسبوع|اسبوعين)(?!\p{L})|[四五六][十]天|[廿二三][十]?日大/gu;
const ABOUT_A_BABY =
  /baby|babies|infant|newborn|(?:day|week|month)s?[ -]old|no despierta|geint|bebe|nourrisson|nouveau|bb|recien|宝|婴|娃|孩|新生|बच्च|शिशु|नवजात|bachch|bacch|navjat|طفل|ابني|بنتي|ولدي|رضيع|مولود|البيبي|بيبي|عمر/u;
const NOT_AN_AGE =
  /ago|depuis|hace|since|for|全|पहले|से |pehle|من |منذ|قبل|怀孕|孕|pregnan|enceinte|embaraz|حامل|गर्भ/u;
const MOST_DAYS = 92;

const TEMPERATURE =
  /(?<![\d.,/-])(3[89]|4[0-2])(?:[.]\d{1,2}|度\d?|°)?(?!\d|\s*(?:%|kg|mg|ml|years?|yrs?|y\/?o|ans|anos|weeks?|semaines?|semanas?|sa(?!\p{L})|साल|سنه|سنة|岁|周|天|日|days?|jours?|dias?|दिन|يوم|hours?|h(?!\p{L})|min|回|次|x))/gu;
const FAHRENHEIT = /(?<![\d.,/-])(10[0-6])(?:\.\d)?(?!\d|\s*(?:%|kg|mg|ml|weeks?|days?|दिन|साल|people))/gu;
const ABOUT_SUGAR = /sugar|glucose|azucar|glucosa|glycemie|血糖|शुगर|سكر/u;
const SUGAR = /(?<![\d.])(\d{1,3}(?:\.\d{1,2})?)(?!\d|[.]\d|\s*(?:%|mg(?!\/)|units?|years|ans|anos))/gu;
/** Far outside what can wait, in mg/dL; smaller figures are mmol/L or, in French, g/L. */
const LOW_MG = 54;
const HIGH_MG = 300;
const MG_PER_MMOL = 18;

/** Puts `@infant`, `@fever`, `@high` and `@sugar` behind the numbers of a normalised text that mean them. */
export function markMeasurements(text: string): string {
  const baby = ABOUT_A_BABY.test(text);
  const sugar = ABOUT_SUGAR.test(text);
  let marked = text;
  if (baby) {
    marked = marked.replace(
      AGE,
      (whole, count: string, day?: string, week?: string, _month?: string, at?: number) => {
        const number = WORDS[count] ?? Number(count);
        const days = number * (day !== undefined ? 1 : week !== undefined ? 7 : 30.5);
        const around = text.slice(Math.max(0, (at ?? 0) - 8), (at ?? 0) + whole.length + 6);
        return days <= MOST_DAYS && !NOT_AN_AGE.test(around.replace(whole, " "))
          ? `${whole} @infant `
          : whole;
      },
    );
    marked = marked.replace(YOUNG, (whole) => `${whole} @infant `);
  }
  if (sugar) {
    marked = marked.replace(SUGAR, (whole, number: string) =>
      isExtremeSugar(Number(number), text) ? `${whole} @sugar ` : whole,
    );
  }
  return marked
    .replace(
      TEMPERATURE,
      (whole, degrees: string) => `${whole} @fever ${Number(degrees) >= 40 ? "@high " : ""}`,
    )
    .replace(
      FAHRENHEIT,
      (whole, degrees: string) => `${whole} @fever ${Number(degrees) >= 104 ? "@high " : ""}`,
    );
}

function isExtremeSugar(value: number, text: string): boolean {
  if (value > HIGH_MG) return value < 2000;
  if (value >= LOW_MG) return false;
  if (/glycemie|g\/l/u.test(text) && value < 6) return value < LOW_MG / 100 || value > HIGH_MG / 100;
  // Between the two scales: 20 to 53 may be a low in mg/dL or a very high one in mmol/L; both are far out.
  return value < LOW_MG / MG_PER_MMOL || value > HIGH_MG / MG_PER_MMOL;
}
