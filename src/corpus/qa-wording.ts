// Wording that gives a generated text away, in six languages, as data: talk of "the text", refusals, the marks of a question. Written so that
// ordinary medical sentences ("a text message", "passage of stool", "el paciente no puede") do not match.

const SOURCES: readonly RegExp[] = [
  // English
  /\b(?:according to|based on|as (?:stated|described|mentioned|noted|outlined|discussed) (?:in|by)|(?:mentioned|stated|described|discussed|provided|given|outlined|presented) in|from|in|per|in the context of) (?:the|this|that) (?:(?:above|provided|given|following|referenced?|medical|source) )*(?:text|passage|article|excerpt|document|reference|paragraph)\b(?! (?:of|messages?|ranges?|intervals?|values?|standards?|groups?|populations?)\b)/iu,
  /\b(?:the|this) (?:(?:above|provided|given|reference|medical|source) )*(?:text|passage|article|excerpt|document|paragraph|reference(?: text)?) (?:says|states|mentions|describes|explains|notes|indicates|suggests|discusses|does not|doesn['’]t|provides|also|refers|reports|emphasi[sz]es|highlights|recommends)\b/iu,
  /\b(?:provided|given|above|reference) (?:text|passage|article|excerpt|document|context)\b|\b(?:text|passage|information|reference|article|context) (?:provided|given) (?!(?:to|by|at|for|in)\b)\b|<\/?(?:reference )?text>/iu,
  /\b(?:about|(?:topic|subject|title|author|point|purpose|theme|summary|context) of|summari[sz]e) (?:the|this) (?:(?:above|provided|given|following|medical) )*(?:text|passage|article|excerpt|document|paragraph)\b(?! (?:of|messages?)\b)|\b(?:the|this) (?:(?:above|provided|given|following|medical) )*(?:text|passage|article|excerpt|document|paragraph) (?:(?:is|was) (?:about|titled|called|written|from|talking|discussing|referring)|can be found|talks|refers|covers|focuses)\b/iu,
  // Chinese
  /(?:根据|依据|按照|基于|参考|如|从|在|由)(?:上述|以上|上面|下列|以下|该|本|此|这段|这篇|所给|给定|给出|提供|所提供|参考|医学)*的?(?:文本|文章|文段|段落|资料|原文|短文|参考内容)/u,
  /(?:上述|以上|这段|这篇|该|本|所提供的|给出的)(?:文本|文章|文段|段落|资料|短文)|(?:上述|以上|所给|所提供的)材料|(?:文本|文章|文段|段落|资料|原文|文)中(?:提到|提及|指出|所述|说明|没有|未|还|介绍|描述)|参考(?:文本|资料)/u,
  // French
  /(?:d['’]après|selon|dans|sur la base de|conformément à|en s['’]appuyant sur) (?:le|la|ce|cet|cette|l['’]) ?(?:texte|passage|extrait|article|document|référence|paragraphe)(?!\p{L}| d(?:e|u|es)(?!\p{L})| d['’])|(?<!\p{L})(?:le|ce) (?:texte|passage|extrait|document) (?:ci-dessus|fourni|donné|précédent|indique|mentionne|précise|explique|décrit|dit|souligne|ne |n['’])|(?<!\p{L})l['’](?:extrait|article) (?:indique|mentionne|précise|explique|décrit|dit|ne )|(?:texte|passage|extrait|référence) (?:fournie?|donnée?|ci-dessus)/iu,
  // Spanish
  /(?:según|de acuerdo con|en base a|con base en|basándose en|conforme a|en) (?:el|la|este|esta|dicho|dicha) (?:texto|pasaje|fragmento|artículo|documento|referencia|párrafo|extracto)(?!\p{L})|(?<!\p{L})(?:el|este) (?:texto|pasaje|fragmento|documento|artículo) (?:anterior|proporcionado|dado|indica|menciona|señala|explica|describe|dice|no )|(?:texto|pasaje|fragmento|referencia) (?:proporcionad[oa]|anterior|dad[oa])/iu,
  // Hindi
  /(?:पाठ|अनुच्छेद|गद्यांश|अंश|लेख|दस्तावेज़|दस्तावेज|संदर्भ|पैराग्राफ)\s+(?:के\s+(?:अनुसार|मुताबिक|आधार)|में\s+(?:बताया|कहा|दिया|दी|लिखा|उल्लेख|वर्णित|उल्लिखित|नहीं)|से\s+पता)|(?:दिए\s+गए|दिये\s+गए|उपरोक्त|उपर्युक्त|ऊपर\s+दिए(?:\s+गए)?)\s+संदर्भ|(?:दिए\s+गए|दिये\s+गए|उपरोक्त|उपर्युक्त|इस|ऊपर\s+दिए(?:\s+गए)?)\s+(?:पाठ|अनुच्छेद|गद्यांश|अंश|लेख|दस्तावेज़|दस्तावेज|पैराग्राफ)/u,
  // Arabic
  /(?:وفقًا|وفقا|وفقاً|طبقًا|طبقا|طبقاً|استنادًا|استنادا|استناداً|بناءً|بناء|بحسب|حسب|في|من)\s+(?:إلى\s+|على\s+|ما\s+(?:ورد|جاء|ذكر)\s+في\s+)?(?:هذا\s+|هذه\s+)?(?:لل|ال)(?:نص|مقال|مقالة|وثيقة|مستند|مرجع)(?!\p{L})|(?:في\s+|حسب\s+)هذه\s+الفقرة|(?:وفقًا|وفقا|وفقاً)\s+للفقرة|(?:النص|المقال|المقطع|الفقرة|المرجع)\s+(?:المذكورة?|السابقة?|أعلاه|المقدمة?|المرفقة?|يذكر|تذكر|يشير|تشير|يوضح|توضح|لا\s)|(?:يذكر|تذكر|يشير|تشير|يوضح|توضح)\s+(?:النص|المقال|المقطع|الفقرة|المرجع)/u,
];

const REFUSALS: readonly RegExp[] = [
  /\bas an ai\b|\bi(?:['’]m| am) (?:sorry|unable|not able)\b|\bi can(?:not|['’]t) (?:answer|help|assist|provide|create|generate|fulfil)|\bnot enough information\b|\bi apologi[sz]e\b/iu,
  /(?:作为|身为)(?:一个|一名)?(?:人工智能|AI)|我(?:无法|不能)(?:回答|提供|生成|创建|帮助)|(?:很)?抱歉，|对不起，|信息不足|無法回答/u,
  /en tant qu['’](?:ia|intelligence)|je (?:ne peux pas|ne suis pas en mesure|suis désolée?)|(?:^|[.!?] )désolée?,|informations? insuffisantes?/iu,
  /como (?:modelo de |una )?(?:ia|inteligencia artificial|lenguaje)(?!\p{L})|(?<!\p{L})no puedo (?:responder|ayudar|proporcionar|generar|crear)|(?<!\p{L})lo siento,|información insuficiente/iu,
  /(?:एआई|AI|कृत्रिम बुद्धिमत्ता)\s+(?:मॉडल|के रूप)|मैं\s+(?:इसका\s+|इस\s+प्रश्न\s+का\s+)?(?:उत्तर|जवाब)\s+नहीं\s+दे|(?:क्षमा करें|माफ़ करें|माफ़ कीजिए|माफ करें)|जानकारी\s+पर्याप्त\s+नहीं/u,
  /(?:كنموذج|بصفتي)\s+(?:لغوي|ذكاء|نموذج)|لا\s+(?:أستطيع|يمكنني)\s+(?:الإجابة|المساعدة|تقديم|إنشاء)|(?:عذرًا|عذرا|آسف|أعتذر)(?!\p{L})|المعلومات\s+غير\s+كافية/u,
];

/** Refusals stand at the beginning: a doctor's "I am sorry to hear that" may come anywhere else. */
const REFUSAL_CHARACTERS = 160;
/** What a doctor says with the same words. */
const SYMPATHY =
  /sorry (?:to hear|that you|for your|about)|désolée? (?:d['’]apprendre|que|pour)|lo siento mucho|siento (?:oír|que)|很抱歉听到|抱歉让您|آسف لسماع/iu;

/** Anywhere: patients ask, then go on to tell. */
const QUESTION_MARK = /[?？؟⸮]/u;
/** Beginnings of questions and tasks, for those who leave the mark out. */
const QUESTION_WORDS: Readonly<Record<string, RegExp>> = {
  en: /^(?:what|which|who|whom|whose|when|where|why|how|is|are|was|were|do|does|did|can|could|should|would|will|may|explain|describe|list|name|compare|discuss|outline|summari[sz]e|define)\b/iu,
  zh: /[吗呢么]\s*。?$|什么|如何|怎么|怎样|为何|哪|多少|多久|几|是否|能否|可否|请/u,
  fr: /^(?:qu[ei]|qu['’]|quels?|quelles?|quand|où|pourquoi|comment|combien|est-ce|expliquez|décrivez|citez|faut-il|peut-on|doit-on|à partir|en quoi|dans quels?)/iu,
  es: /¿|^(?:qué|cuál|cuáles|quién|cuándo|dónde|por qué|cómo|cuánt|explique|describa|enumere|en qué)/iu,
  hi: /क्या|कैसे|क्यों|कब|कहाँ|कहां|कौन|कितन|किस|किन|किसे|बताइए|समझाइए|वर्णन/u,
  ar: /^(?:ما|ماذا|هل|كيف|متى|أين|لماذا|من|كم|أي|أية|بماذا|بم|لم|اشرح|اذكر|وضح|صف|في أي|إلى أي|على أي)(?!\p{L})/u,
};

/** The words with which a text speaks of the passage it was made from; `undefined` when it does not. */
export function sourceMention(text: string): string | undefined {
  return firstMatch(text, SOURCES);
}

/** The words with which a reply refuses; `undefined` when it does not. */
export function refusal(text: string): string | undefined {
  const beginning = text.slice(0, REFUSAL_CHARACTERS).replace(SYMPATHY, "");
  return firstMatch(beginning, REFUSALS);
}

/** Whether a text asks something or sets a task. */
export function isQuestion(text: string, language: string): boolean {
  return QUESTION_MARK.test(text) || (QUESTION_WORDS[language]?.test(text.trim()) ?? false);
}

function firstMatch(text: string, patterns: readonly RegExp[]): string | undefined {
  for (const pattern of patterns) {
    const found = pattern.exec(text);
    if (found !== null) return found[0];
  }
  return undefined;
}
