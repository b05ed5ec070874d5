// Danger signs as combinations of concepts, the same for every language: a part of the body with a sign, a substance with swallowing.
// The lexicons beside this file say how each concept is put in words.
import type { RedFlagCategory } from "../red-flag-language.ts";

/** What a lexicon must have words for. */
export type Concept =
  // parts of the body
  | "chest"
  | "head"
  | "face"
  | "limb"
  | "oneSide"
  | "throat"
  | "lips"
  | "neck"
  | "belly"
  | "back"
  | "eye"
  | "testicle"
  | "saddle"
  | "fontanelle"
  | "earNose"
  | "jawArm"
  // signs
  | "pain"
  | "pressure"
  | "worst"
  | "sudden"
  | "sweat"
  | "numb"
  | "droop"
  | "speechLost"
  | "confused"
  | "unrousable"
  | "collapsed"
  | "dizzy"
  | "notBreathing"
  | "breathless"
  | "breathShort"
  | "blue"
  | "choking"
  | "swell"
  | "hives"
  | "fit"
  | "eyesRolled"
  | "ongoing"
  | "blood"
  | "much"
  | "unstoppable"
  | "coughUp"
  | "vomit"
  | "vomitAll"
  | "blackStool"
  | "severed"
  | "stabbed"
  | "tearing"
  | "fever"
  | "shiver"
  | "limp"
  | "noFeed"
  | "noUrine"
  | "sunken"
  | "ribsIn"
  | "spots"
  | "purple"
  | "stiff"
  | "light"
  | "mottled"
  | "hard"
  | "noStool"
  | "rightLow"
  | "clearFluid"
  | "blind"
  | "vision"
  | "curtain"
  | "leak"
  | "fruity"
  | "thirst"
  | "weightLoss"
  | "thunderclap"
  // people
  | "who"
  | "child"
  | "newborn"
  | "everyone"
  | "partner"
  | "pregnant"
  | "birth"
  | "fetusStill"
  | "waters"
  | "cord"
  | "diabetic"
  // what happened
  | "allergen"
  | "inhaler"
  | "useless"
  | "swallow"
  | "poison"
  | "pills"
  | "many"
  | "overdose"
  | "battery"
  | "heater"
  | "monoxide"
  | "drug"
  | "badAlcohol"
  | "dieWish"
  | "killSelf"
  | "plan"
  | "goodbye"
  | "selfHarm"
  | "voices"
  | "harm"
  | "strangled"
  | "raped"
  | "threat"
  | "beats"
  | "touched"
  | "infection"
  | "chemo"
  | "surgery"
  | "hit"
  | "thinner"
  | "sunHeat"
  | "lockedCar"
  | "drowned"
  | "burned"
  | "electric"
  | "corrosive"
  | "fire"
  | "snake"
  | "scorpion"
  | "animal"
  | "bitten"
  | "pierced"
  | "hernia"
  // what is said before a suicide without naming it
  | "burden"
  | "edge"
  | "ending"
  | "letters"
  | "weapon"
  | "lockedIn"
  | "farewell"
  | "unreachable"
  | "stiffNeck"
  | "sugarFar"
  // ordinary words that one wrong letter would turn into one of the above
  | "other";

/** The lexicon of one language and script; a rule with a concept it has no words for does not fire. */
export type ConceptLexicon = Readonly<Partial<Record<Concept, string>>>;

/**
 * A rule is a line of parts that must all be there (` + `, anywhere near); ` & ` joins what must stand in the same breath, `|` parts
 * alternatives, `day:` marks what is for today and not for this minute.
 */
export const CONCEPT_RULES: Readonly<Record<RedFlagCategory, readonly string[]>> = {
  collapse: ["notBreathing", "unrousable", "collapsed & who", "collapsed + sudden|sweat|blue"],
  breathing: [
    "breathless",
    "breathShort & sudden|worst",
    "breathShort + lips|face & blue",
    "lips|face & blue",
    "inhaler & useless",
    "inhaler + breathShort",
    "choking",
    "coughUp & blood",
    "breathShort + sweat|confused|collapsed",
  ],
  anaphylaxis: [
    "throat & swell",
    "face|lips & swell + allergen|breathShort|breathless|hives|dizzy",
    "hives + breathless|breathShort|collapsed|dizzy|throat|vomit",
    "allergen + breathless|breathShort|collapsed",
  ],
  stroke: [
    "face & droop",
    "oneSide & numb",
    "limb & numb & speechLost|droop",
    "limb & numb & sudden",
    "limb & numb + droop|speechLost|confused",
    "speechLost",
    "thunderclap",
    "head & pain & worst & sudden",
  ],
  chest: ["chest & pain|pressure", "jawArm & pain|numb + sweat|breathShort|chest", "back & tearing"],
  seizure: ["fit & who|ongoing|sudden|child", "fit + unrousable|eyesRolled|blue|fever", "eyesRolled"],
  bleeding: [
    "blood & much|unstoppable",
    "blood & vomit",
    "blackStool + dizzy|collapsed|sweat|vomit|thinner",
    "severed",
    "stabbed",
  ],
  poisoning: [
    "swallow & poison",
    "swallow & battery",
    "swallow & pills & many",
    "child & swallow & pills",
    "overdose",
    "poison + everyone + vomit",
    "heater + everyone + pain|dizzy|vomit|collapsed|unrousable",
    "heater + head & pain + dizzy|vomit",
    "monoxide",
    "drug + breathless|breathShort|notBreathing|unrousable",
    "badAlcohol + vision|blind",
  ],
  suicide: [
    "killSelf & plan",
    "edge & ending",
    "edge + dieWish|burden|letters|goodbye",
    "letters + ending|burden|plan",
    "burden + ending|plan|weapon",
    "weapon + dieWish|goodbye",
    "farewell|goodbye|burden|letters|dieWish + unreachable",
    "lockedIn + weapon|killSelf|dieWish|goodbye",
    "day: burden",
    "dieWish + plan",
    "goodbye",
    "voices & harm",
    "day: dieWish",
    "day: killSelf",
    "day: selfHarm",
  ],
  violence: ["strangled", "raped", "threat", "day: beats & partner|child", "day: touched"],
  infant: ["newborn + fever|noFeed|limp|blue|unrousable|breathShort|breathless"],
  child: [
    "child + limp|vomitAll|ribsIn|sunken",
    "child + noFeed & limp|confused|unrousable",
    "child + noUrine",
    "ribsIn",
    "vomitAll + confused|limp|noUrine",
  ],
  meningitis: [
    "neck & stiff + fever|light|vomit",
    "spots & purple + fever|child|confused",
    "fontanelle & swell",
    "fever + head & pain + light|confused",
    "fever + light",
    "stiffNeck + fever|light|vomit|spots",
  ],
  sepsis: [
    "infection + confused|mottled",
    "infection + shiver + fever",
    "chemo + fever|shiver",
    "surgery|birth + fever + shiver|confused|mottled|infection",
    "mottled + fever|confused|breathShort",
    "fever + confused + shiver|noUrine",
  ],
  head: [
    "head & hit + vomit|confused|unrousable|collapsed|thinner|fit",
    "child + hit + confused|vomit|unrousable|limp",
    "earNose & clearFluid + hit",
    "thinner + head & hit",
  ],
  pregnancy: [
    "pregnant|birth + blood & much|unstoppable",
    "pregnant + head & pain + vision|swell",
    "pregnant + pain & worst|sudden",
    "pregnant + fit|vision",
    "pregnant + waters",
    "pregnant + collapsed",
    "fetusStill",
    "cord",
    "day: pregnant + blood",
  ],
  sugar: [
    "diabetic + confused|unrousable|fruity|fit",
    "diabetic + sweat + vomit|numb|breathShort",
    "diabetic + vomit + breathShort|thirst",
    "diabetic + sweat & who|numb|dizzy|confused",
    "sugarFar + vomit|breathShort|fruity|confused|sweat|unrousable",
    "thirst + weightLoss",
  ],
  heat: ["sunHeat + confused|collapsed|unrousable|fit", "lockedCar", "drowned"],
  burn: [
    "burned & child|face|saddle|chest|much",
    "electric",
    "corrosive & face|limb",
    "fire + breathShort|breathless|choking|coughUp",
  ],
  bite: ["snake & bitten", "scorpion & bitten", "day: animal & bitten"],
  eye: [
    "eye & blind",
    "blind & sudden",
    "eye & curtain",
    "eye & corrosive|poison",
    "eye & pain + vision|vomit",
    "eye & pierced",
  ],
  cauda: ["saddle & numb", "noUrine|leak + back", "leak + limb & numb"],
  abdomen: [
    "belly & hard + pain",
    "belly & pain & worst",
    "belly & pain + collapsed",
    "day: rightLow & pain",
    "noStool + vomit|swell",
    "hernia + hard|vomit|purple",
  ],
  testis: ["testicle & pain|swell + sudden|worst|vomit", "testicle & pain"],
};
