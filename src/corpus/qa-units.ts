// Units and number words of the six languages, as data: names separated by "|" (units, which may hold spaces) or spaces (words), in lower case
// but for units whose case tells.

/** Names of a unit, and how much of its dimension's own unit it is. */
export const UNIT_NAMES: readonly {
  readonly dimension: string;
  readonly factor: number;
  readonly names: string;
}[] = [
  // Mass, in milligrams.
  {
    dimension: "mass",
    factor: 1e-3,
    names:
      "μg|mcg|ug|microgram|micrograms|microgramme|microgrammes|microgramo|microgramos|微克|माइक्रोग्राम|ميكروغرام|ميكروجرام|مكغ",
  },
  {
    dimension: "mass",
    factor: 1,
    names:
      "mg|mgs|milligram|milligrams|milligramme|milligrammes|miligramo|miligramos|毫克|मिलीग्राम|मिग्रा|मि.ग्रा.|एमजी|ملغ|ملغم|مغ|مجم|ملجم|ملليغرام|ملليجرام|ميليغرام|مليغرام|ميلي غرام|ميليغرامًا",
  },
  {
    dimension: "mass",
    factor: 1e3,
    names:
      "g|gm|gms|gram|grams|gramme|grammes|gramo|gramos|克|ग्राम|غ|غم|جم|غرام|جرام|غراما|غرامًا|جراما|جرامًا|غرامات|جرامات",
  },
  {
    dimension: "mass",
    factor: 1e6,
    names:
      "kg|kgs|kilogram|kilograms|kilogramme|kilogrammes|kilo|kilos|kilogramo|kilogramos|公斤|千克|किलोग्राम|किलो|किग्रा|كغ|كغم|كجم|كيلوغرام|كيلوجرام|كيلو",
  },
  // Volume, in millilitres.
  {
    dimension: "volume",
    factor: 1,
    names:
      "ml|cc|millilitre|millilitres|milliliter|milliliters|mililitro|mililitros|毫升|मिलीलीटर|मिली|एमएल|مل|ملل|مليلتر|ملليلتر|ميليلتر|ميلي لتر",
  },
  { dimension: "volume", factor: 100, names: "dl|decilitre|decilitres|deciliter|decilitro" },
  {
    dimension: "volume",
    factor: 1e3,
    names: "l|litre|litres|liter|liters|litro|litros|升|लीटर|लिटर|لتر|ليتر|لترا|لترًا|لترات",
  },
  {
    dimension: "activity",
    factor: 1,
    names: "iu|ui|units|unités|unidades|国际单位|单位|यूनिट|इकाई|وحدة|وحدات|وحدة دولية",
  },
  {
    dimension: "concentration",
    factor: 1,
    names: "mmol/l|millimoles per litre|毫摩尔/升|ملمول/لتر|मिलीमोल/लीटर|मिलीमोल प्रति लीटर|ملليمول/لتر",
  },
  { dimension: "concentration", factor: 1e-3, names: "μmol/l|umol/l|micromol/l" },
  { dimension: "mass-in-volume", factor: 1, names: "mg/l" },
  { dimension: "mass-in-volume", factor: 10, names: "mg/dl|mg/100 ml|毫克/分升" },
  { dimension: "mass-in-volume", factor: 1e3, names: "g/l|mg/ml|克/升|غ/ل|غرام/لتر" },
  { dimension: "mass-in-volume", factor: 1e4, names: "g/dl" },
  {
    dimension: "pressure",
    factor: 1,
    names: "mmhg|mm hg|毫米汞柱|एमएमएचजी|मिमी पारा|ملم زئبقي|ملم زئبق|مم زئبق|مم زئبقي|मिमी hg",
  },
  {
    dimension: "temperature",
    factor: 1,
    names:
      "°c|º c|° c|℃|degrees celsius|degrés celsius|grados celsius|摄氏度|डिग्री सेल्सियस|درجة مئوية|درجات مئوية|°م|degrés|grados|degrees|डिग्री|درجة|درجات|度",
  },
  {
    dimension: "share",
    factor: 1,
    names: "%|٪|per cent|percent|pour cent|por ciento|प्रतिशत|फीसदी|फ़ीसदी|في المئة|في المائة|بالمئة|بالمائة|‰",
  },
  // What is taken, counted.
  {
    dimension: "doses",
    factor: 1,
    names:
      "tablet|tablets|pill|pills|capsule|capsules|drop|drops|puff|puffs|comprimé|comprimés|gélule|gélules|goutte|gouttes|bouffée|bouffées|comprimido|comprimidos|cápsula|cápsulas|gota|gotas|片|粒|丸|滴|支|गोली|गोलियाँ|गोलियां|कैप्सूल|बूँद|बूँदें|बूंद|बूंदें|قرص|أقراص|حبة|حبات|كبسولة|كبسولات|قطرة|قطرات",
  },
  { dimension: "times", factor: 1, names: "time|times|fois|vez|veces|次|बार|مرة|مرات" },
  // Time, in days; a month is thirty days, a year its own.
  {
    dimension: "time",
    factor: 1 / 86_400,
    names: "s|sec|second|seconds|seconde|secondes|segundo|segundos|秒|秒钟|सेकंड|सेकेंड|ثانية|ثوان|ثواني",
  },
  {
    dimension: "time",
    factor: 1 / 1440,
    names: "min|mins|minute|minutes|minuto|minutos|分钟|मिनट|دقيقة|دقائق",
  },
  {
    dimension: "time",
    factor: 1 / 24,
    names: "h|hr|hrs|hour|hours|heure|heures|hora|horas|小时|घंटे|घंटा|घंटों|ساعة|ساعات",
  },
  { dimension: "time", factor: 1, names: "day|days|jour|jours|día|días|天|日|दिन|दिनों|يوم|أيام|يوما|يومًا" },
  {
    dimension: "time",
    factor: 7,
    names: "week|weeks|semaine|semaines|semana|semanas|周|星期|हफ़्ते|हफ्ते|हफ़्ता|सप्ताह|أسبوع|أسابيع|أسبوعا|أسبوعًا",
  },
  {
    dimension: "months",
    factor: 1,
    names: "month|months|mois|mes|meses|个月|月|महीने|महीना|महीनों|माह|شهر|أشهر|شهور|شهرا|شهرًا",
  },
  {
    dimension: "months",
    factor: 12,
    names:
      "year|years|an|ans|année|années|año|años|年|岁|वर्ष|साल|सालों|سنة|سنوات|عام|أعوام|عاما|عامًا|years old|year-old",
  },
];

/** Words for numbers. "One" is the article in half of the languages and is left out. */
export const NUMBER_WORDS: readonly {
  readonly value: number;
  /** What the word counts by itself. */
  readonly dimension?: string;
  readonly names: string;
}[] = [
  { value: 0.5, names: "half demi demie moitié medio media mitad आधा आधी आधे نصف" },
  { value: 2, dimension: "times", names: "twice مرتين مرتان" },
  { value: 3, dimension: "times", names: "thrice" },
  { value: 2, names: "two deux dos दो اثنان اثنين اثنتان اثنتين" },
  { value: 3, names: "three trois tres तीन ثلاث ثلاثة" },
  { value: 4, names: "four quatre cuatro चार أربع أربعة" },
  { value: 5, names: "five cinq cinco पांच पाँच خمس خمسة" },
  { value: 6, names: "six seis छह छः ست ستة" },
  { value: 7, names: "seven sept siete सात سبع سبعة" },
  { value: 8, names: "eight huit ocho आठ ثمان ثماني ثمانية" },
  { value: 9, names: "nine neuf nueve नौ تسع تسعة" },
  { value: 10, names: "ten dix diez दस عشر عشرة" },
  { value: 11, names: "eleven onze once ग्यारह" },
  { value: 12, names: "twelve douze doce बारह" },
  { value: 14, names: "fourteen quatorze catorce चौदह" },
  { value: 15, names: "fifteen quinze quince पंद्रह पन्द्रह" },
  { value: 20, names: "twenty vingt veinte बीस عشرون عشرين" },
  { value: 30, names: "thirty trente treinta तीस ثلاثون ثلاثين" },
  { value: 40, names: "forty quarante cuarenta चालीस أربعون أربعين" },
  { value: 50, names: "fifty cinquante cincuenta पचास خمسون خمسين" },
  { value: 60, names: "sixty soixante sesenta साठ ستون ستين" },
  { value: 100, names: "hundred cent cien सौ مئة مائة" },
  { value: 1000, names: "thousand mille mil हज़ार हजार ألف" },
];

/** Words that multiply the figure before them. */
export const MULTIPLIERS: readonly { readonly value: number; readonly names: string }[] = [
  { value: 1e3, names: "thousand mille mil हज़ार हजार ألف آلاف" },
  { value: 1e4, names: "万" },
  { value: 1e5, names: "lakh lakhs लाख" },
  { value: 1e6, names: "million millions millón millones मिलियन مليون ملايين" },
  { value: 1e7, names: "crore crores करोड़" },
  { value: 1e8, names: "亿" },
  { value: 1e9, names: "billion billions milliard milliards अरब مليار" },
];
