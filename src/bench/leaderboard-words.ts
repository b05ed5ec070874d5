// The words of the page of all runs, in the languages of the chat page.

/** Every text of the page; `{name}` stands for a value. */
export interface BoardWords {
  readonly title: string;
  readonly lead: string;
  readonly chat: string;
  readonly languages: string;
  readonly exam: string;
  readonly limit: string;
  readonly run: string;
  readonly average: string;
  readonly difference: string;
  readonly reference: string;
  readonly compareWith: string;
  readonly note: string;
  readonly significant: string;
  readonly chart: string;
  readonly chartNote: string;
  readonly published: string;
  readonly broken: string;
  readonly folder: string;
  readonly reason: string;
  readonly none: string;
  readonly shots: string;
  readonly safety: string;
}

const en: BoardWords = {
  title: "Results",
  lead: "How well each model does on the exam, language by language.",
  chat: "Chat",
  languages: "Languages",
  exam: "Exam: {suite}",
  limit: "{n} items of each source",
  run: "Model and run",
  average: "Average",
  difference: "Difference to {model}",
  reference: "compared with",
  compareWith: "Compare the others with {model}",
  note: "Under each accuracy: 95\u00a0% interval and number of items. Differences are in points, on the items that both runs answered: 95\u00a0% interval, and McNemar’s exact test with Holm’s correction over the table.",
  significant: "A star marks differences that chance does not explain (p < 0.05 after correction).",
  chart: "By language",
  chartNote:
    "Numbers are ranks. Dot and bar: accuracy and its 95\u00a0% interval; dashed: always the same letter.",
  published: "Beside the published results",
  broken: "Runs that cannot be shown",
  folder: "Folder",
  reason: "Reason",
  none: "There is no finished run in this folder yet.",
  shots: "worked examples: {n}",
  safety: "An exam score says nothing about how safe a model’s advice is for a patient.",
};

const zh: BoardWords = {
  title: "测评结果",
  lead: "各模型在考题上的表现，按语言列出。",
  chat: "对话",
  languages: "语言",
  exam: "考题：{suite}",
  limit: "每个来源 {n} 题",
  run: "模型与运行",
  average: "平均",
  difference: "与 {model} 的差异",
  reference: "比较基准",
  compareWith: "将其他模型与 {model} 比较",
  note: "每个正确率下方为 95\u00a0% 置信区间和题数。差异以百分点计，只看两次运行都作答的题：95\u00a0% 置信区间，以及 McNemar 精确检验（全表 Holm 校正）。",
  significant: "星号表示偶然无法解释的差异（校正后 p < 0.05）。",
  chart: "按语言",
  chartNote: "数字为名次。圆点和横条：正确率及其 95\u00a0% 置信区间；虚线：总选同一字母。",
  published: "与已发表结果对照",
  broken: "无法显示的运行",
  folder: "文件夹",
  reason: "原因",
  none: "此文件夹中还没有完成的运行。",
  shots: "示例数：{n}",
  safety: "考试成绩不能说明模型的建议对患者有多安全。",
};

const fr: BoardWords = {
  title: "Résultats",
  lead: "Ce que vaut chaque modèle à l’examen, langue par langue.",
  chat: "Conversation",
  languages: "Langues",
  exam: "Examen : {suite}",
  limit: "{n} questions par source",
  run: "Modèle et passage",
  average: "Moyenne",
  difference: "Écart avec {model}",
  reference: "point de comparaison",
  compareWith: "Comparer les autres à {model}",
  note: "Sous chaque taux de bonnes réponses : intervalle à 95\u00a0% et nombre de questions. Les écarts sont en points, sur les questions communes : intervalle à 95\u00a0% et test exact de McNemar, corrigé selon Holm sur tout le tableau.",
  significant: "L’astérisque marque les écarts que le hasard n’explique pas (p < 0,05 après correction).",
  chart: "Par langue",
  chartNote:
    "Les numéros sont les rangs. Point et barre : taux et intervalle à 95\u00a0% ; tirets : toujours la même lettre.",
  published: "À côté des résultats publiés",
  broken: "Passages impossibles à afficher",
  folder: "Dossier",
  reason: "Raison",
  none: "Ce dossier ne contient encore aucun passage terminé.",
  shots: "exemples : {n}",
  safety: "Une note d’examen ne dit rien de la sûreté des conseils d’un modèle pour un patient.",
};

const es: BoardWords = {
  title: "Resultados",
  lead: "Cómo responde cada modelo al examen, idioma por idioma.",
  chat: "Conversación",
  languages: "Idiomas",
  exam: "Examen: {suite}",
  limit: "{n} preguntas por fuente",
  run: "Modelo y ejecución",
  average: "Media",
  difference: "Diferencia con {model}",
  reference: "referencia",
  compareWith: "Comparar los demás con {model}",
  note: "Bajo cada porcentaje de aciertos: intervalo del 95\u00a0% y número de preguntas. Las diferencias, en puntos, son sobre las preguntas comunes: intervalo del 95\u00a0% y prueba exacta de McNemar, corregida según Holm en toda la tabla.",
  significant: "El asterisco marca diferencias que el azar no explica (p < 0,05 tras la corrección).",
  chart: "Por idioma",
  chartNote:
    "Los números son los puestos. Punto y barra: aciertos e intervalo del 95\u00a0%; trazos: siempre la misma letra.",
  published: "Junto a los resultados publicados",
  broken: "Ejecuciones que no se pueden mostrar",
  folder: "Carpeta",
  reason: "Motivo",
  none: "En esta carpeta aún no hay ninguna ejecución terminada.",
  shots: "ejemplos: {n}",
  safety: "La nota de un examen no dice lo seguros que son los consejos de un modelo para un paciente.",
};

const hi: BoardWords = {
  title: "परिणाम",
  lead: "हर भाषा में परीक्षा पर हर मॉडल का प्रदर्शन।",
  chat: "बातचीत",
  languages: "भाषाएँ",
  exam: "परीक्षा: {suite}",
  limit: "हर स्रोत से {n} प्रश्न",
  run: "मॉडल और रन",
  average: "औसत",
  difference: "{model} से अंतर",
  reference: "तुलना का आधार",
  compareWith: "बाकी की तुलना {model} से करें",
  note: "हर सटीकता के नीचे 95\u00a0% अंतराल और प्रश्नों की संख्या है। अंतर प्रतिशत अंकों में हैं, उन प्रश्नों पर जिनका उत्तर दोनों ने दिया: 95\u00a0% अंतराल, और मैकनीमार का सटीक परीक्षण, पूरी तालिका पर होल्म सुधार के साथ।",
  significant: "तारा उन अंतरों पर है जो संयोग से नहीं समझाए जा सकते (सुधार के बाद p < 0.05)।",
  chart: "भाषा के अनुसार",
  chartNote: "संख्याएँ क्रम हैं। बिंदु और पट्टी: सटीकता और उसका 95\u00a0% अंतराल; टूटी रेखा: हमेशा एक ही अक्षर।",
  published: "प्रकाशित परिणामों के साथ",
  broken: "जो रन नहीं दिखाए जा सकते",
  folder: "फ़ोल्डर",
  reason: "कारण",
  none: "इस फ़ोल्डर में अभी कोई पूरा रन नहीं है।",
  shots: "उदाहरण: {n}",
  safety: "परीक्षा के अंक यह नहीं बताते कि मॉडल की सलाह मरीज़ के लिए कितनी सुरक्षित है।",
};

const ar: BoardWords = {
  title: "النتائج",
  lead: "أداء كل نموذج في الامتحان، لغةً لغة.",
  chat: "المحادثة",
  languages: "اللغات",
  exam: "الامتحان: {suite}",
  limit: "{n} سؤالًا من كل مصدر",
  run: "النموذج والتشغيل",
  average: "المتوسط",
  difference: "الفرق عن {model}",
  reference: "أساس المقارنة",
  compareWith: "قارن البقية مع {model}",
  note: "تحت كل نسبة صواب: فترة الثقة 95\u00a0% وعدد الأسئلة. الفروق بالنقاط المئوية على الأسئلة المشتركة: فترة الثقة 95\u00a0% واختبار ماكنيمار الدقيق مع تصحيح هولم على الجدول كله.",
  significant: "النجمة تعني فرقًا لا تفسره الصدفة (p < 0.05 بعد التصحيح).",
  chart: "حسب اللغة",
  chartNote:
    "الأرقام هي المراتب. النقطة والشريط: نسبة الصواب وفترة ثقتها 95\u00a0%؛ الخط المتقطع: الحرف نفسه دائمًا.",
  published: "إلى جانب النتائج المنشورة",
  broken: "عمليات تشغيل لا يمكن عرضها",
  folder: "المجلد",
  reason: "السبب",
  none: "لا يوجد في هذا المجلد تشغيل مكتمل بعد.",
  shots: "أمثلة محلولة: {n}",
  safety: "درجة الامتحان لا تقول شيئًا عن سلامة نصائح النموذج للمريض.",
};

/** The words by language. */
export const BOARD_WORDS = { en, zh, fr, es, hi, ar } as const satisfies Record<string, BoardWords>;

/** A language that the page speaks. */
export type BoardLanguage = keyof typeof BOARD_WORDS;

/** All of them, with the tag for `lang`. */
export const BOARD_LANGUAGES: readonly { readonly code: BoardLanguage; readonly tag: string }[] = (
  Object.keys(BOARD_WORDS) as BoardLanguage[]
).map((code) => ({ code, tag: code === "zh" ? "zh-Hans" : code }));

/** True for a language that the page speaks. */
export function isBoardLanguage(code: string): code is BoardLanguage {
  return Object.hasOwn(BOARD_WORDS, code);
}

/** Puts values in place of `{name}`. */
export function fillWords(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\{(\w+)\}/gu, (whole, key: string) => values[key] ?? whole);
}
