// Exam items and titles of papers name danger signs without anybody being in danger. They speak of "a patient" and never of "my mother", end in
// a colon or, in Chinese, in a verb that waits for its option. Somebody who calls for help is believed in any register.

/** Words of exams, papers and wards, by language, in normalised spelling. */
const CLINICAL = new RegExp(
  [
    // English
    "(?<!\\p{L})(?:patients?|primigravida|multigravida|year-old (?:man|woman|male|female|lady|gentleman|patient)|pregnant female|on examination|surgeons?|known case|is seen in|most (?:common|likely|prone|appropriate)|characteri[sz]ed|indications? for|except|associated with|investigators?|researchers?|scientists?|stud(?:y|ies)|cohort|randomi[sz]ed|trials?|mortality|prevalence|incidence|outcomes?|efficacy|risk stratification|versus|evaluat\\w+|assess\\w+|guidelines?|management of|in vitro|in vivo|mice|rats|ewes|incisor|molar|dental|autopsy|court|ipc|negligence|inpatient|outpatient|implications?|correlat\\w+|predict\\w*|determin\\w+|diagnos(?:is|ed|tic)|pathogenesis|enzymes?|serum|antiepileptic\\w*|gene|genes|cells?|nerve (?:fib|function)\\w*)(?!\\p{L})",
    // French
    "(?<!\\p{L})(?:patiente?s?|diagnostic|prise en charge|premiere intention|chez l.?adulte|parmi|propositions?|physiopathologie|etudes?|mortalite)(?!\\p{L})",
    // Spanish
    "(?<!\\p{L})(?:pacientes?|varon|mujer de \\d+|hombre de \\d+|neonato|diagnostic[oa]s?|tratamiento (?:de eleccion|mas|indicado|adecuado)|farmacos?|sustancias?|compuestos?|tecnicas?|enfermer[oa]s?|estudiante de|cual de|cuales de|cual es|exploracion|analitica|consulta por|ingesta|trastornos?|conductas?|metabolic\\w+|electroforesis|en relacion|respecto)(?!\\p{L})",
    // Hindi
    "मरीज|रोगी|चिकित्सक|आपातकालीन|निदान|वर्षीय|वैज्ञानिक|न्यूरॉन|के दौरान|जिम्मेदार|परिवहन|सी?पीआर|cpr",
    "(?<!\\p{L})(?:antidote kya|ki dose kya|ka ilaaj kya hai\\?|mareez|rogi)(?!\\p{L})",
    // Arabic
    "المريض(?:ه)?(?!\\p{L})|مريضه? (?:عمره|عمرها|يبلغ|تبلغ|يعاني|تعاني)|المرضي|الطبيب|تشخيص|البالغ(?:ه)? من العمر|عمرها \\d+ عام|عمره \\d+ عام|الاكثر احتمال|الانسب|ترياق|الحالات|استنساخ|البروتين|الخلايا|العصب(?!\\p{L})|تجارب|تجربه|الفحص|فحص الرنين|الانعاش القلبي|يحدث عندما|التاليه",
    // Chinese
    "患者|病人|患儿|病儿|产妇|岁[^，。？！]{0,2}(?:男|女)(?:性|患|，)|[男女](?:性|孩|婴|童)?，\\d|查体|体检[：:]|次/分|mmhg|kpa|×10|实验室|ct(?:示|平扫|未见)|舌[红淡苔暗紫]|苔[白黄薄厚腻]|脉[沉细弦滑数浮弱]|治法|治宜|方剂|主治|证候|病机|药物是|特点是|典型|并发症|最常见|常见于|最可能|最主要|手术指征|给药|剂量为|评分",
  ].join("|"),
  "iu",
);
/** Words of somebody who writes about himself or his own people. */
const OWN = new RegExp(
  [
    "(?<!\\p{L})(?:i|im|ive|my|me|we|our|mum|mom|dad|help|please|pls|hurry|urgent|ambulance|right now)(?!\\p{L})",
    "(?<!\\p{L})(?:je|j|jai|mon|ma|mes|moi|me|m|nous|notre|maman|papa|vite|svp)(?!\\p{L})",
    "(?<!\\p{L})(?:mi|mis|me|yo|estoy|tengo|siento|nos|nuestr[oa]|mama|papa|ayuda|auxilio)(?!\\p{L})",
    "मेर|मुझे|मैं|हमार|हमें|पापा|मम्मी|बचाओ|मदद|क्या करूं|क्या करें",
    "(?<!\\p{L})(?:mere|meri|mera|mujhe|mai|main|maine|hamar\\w*|papa|mummy|bachao|kya karu|kya kare)(?!\\p{L})",
    "(?<!\\p{L})[وفبل]?(?:ابني|بنتي|امي|ابي|ابوي|ابويا|بابا|ماما|زوجي|زوجتي|جوزي|مراتي|مرتي|راجلي|اخي|اخوي|اخويا|اختي|خويا|ختي|جدي|جدتي|تيته|ستي|ولدي|طفلي|صاحبي|انا|عندي|احس|حاسس|اشعر|اعاني|الحقوني|ساعدوني|ايش اسوي|شو اعمل|اعمل ايه)(?!\\p{L})",
    "我(?!国)|咱|俺|爸|妈|爷爷|奶奶|外公|外婆|老公|老婆|宝宝|孩子|娃|佢|(?<!其)他|她|朋友|同事|邻居|室友|救命|怎么办|咋办|急急",
  ].join("|"),
  "iu",
);
/** A stem that waits for its option: "is:", 最常见于, 应首选. */
const OPEN_END =
  /[:：]\s*$|(?:(?<![都还就也不又老总])是|(?<!因)为|于|应|应予|宜|宜用|选用|可见|提示|考虑|称|称为|叫做?|致|可致|常致|用于|者|时间为|所致|包括|引起|处理是|方法是|措施是|表现|病机|属|指|因为|由于|可出现|超过|达到|原则|主要成分|成分)[（(]?\s*[)）]?[。.]?\s*$/u;
const CHINESE = /\p{Script=Han}/u;

/** True for a normalised text in the register of exams and papers in which nobody speaks of his own. */
export function isClinicalRegister(text: string): boolean {
  if (OWN.test(text)) return false;
  if (/[:：]\s*$/u.test(text)) return true;
  return CLINICAL.test(text) || (CHINESE.test(text) && OPEN_END.test(text));
}
