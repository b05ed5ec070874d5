// Danger signs as people write Hindi in Latin letters, with its many spellings.
import type { RedFlagLanguage } from "../red-flag-language.ts";

export const hiLatin: RedFlagLanguage = {
  language: "hi",
  script: "latin",
  words: {
    pain: "dard|dab|dabav|bhari*|jakdan|jalan|tight|dabaav",
    chest: "seene|sine|sina|seena|chhati|chati|chaati|chest",
    breath: "saans|sans|saas|sanse|saanse",
    notwake: "behosh*|hosh|uth nahi|jag nahi|hil nahi|jawab nahi|unconscious",
    drowsy: "sust|behki|bahki|hosh|so raha|so rahi|dheela|neend|behoshi|ulta seedha|bebhan",
    child: "bachch*|bachche|bacche|baccha|bachcha|baby|beta|bete|beti|navjat|shishu|munna",
    fever: "bukhar|bukhaar|fever|@fever|thand|kapkapi|thithuran",
    vomit: "ulti|ultiyan|vomit*|ultee",
    took: "pi liya|pee liya|pi li|kha liya|kha li|kha liye|nigal*|piya|khaya|pi gaya|kha gaya|kha liyaa|pee li",
    nahi: "nahi|nahin|nai|na",
  },
  negation: {
    after: "bhi nahi|nahi hai|nahi tha|nahi ho|nahi hota|nahin hai",
    before: "bina|na|no|without|not",
    between: "bhi|to|koi|ke|takleef|dikkat|pareshani|problem|dard|me",
  },
  cues: {
    now: "achanak|abhi|aaj|subah se|kal se|kal|raha|rahi|rahe|gaya|gayi|kya karu|kya kare|minute|ghante|ab|bachao|help|ne kaata|kaat liya",
    person:
      "mere|meri|mera|mujhe|main|maine|papa|mummy|maa|pita|pati|patni|bachche|dadi|dada|nana|nani|wo|woh|use|usne|hum|hu|ne kaata|kaat liya",
  },
  frames: {
    past: "jab chhota tha|jab chhoti thi|jab chota tha|jab choti thi|bachpan mein|pichle saal|saal pehle|salon pehle|saal pahle|bachpan me|death hui thi|guzar gaye|hua tha|pada tha",
    exam: "exam|inme se|nimnalikhit|sahi vikalp|mcq",
    definition:
      "first aid class|first aid course|first aid training|kya hota hai|kaise bache|ke lakshan|ke karan|bachne ke|upay|tika kab|vaccine kab|kaun se|ratio kya|scale kya|kitna hota|kaise banaye|kaise nikale|fayde|side effect*",
    story: "film|movie|gaana|kahani|nibandh|serial|match dekha",
  },
  idioms:
    "garmi ne to maar dala|garmi ne maar dala|sardi ne to maar dala|sardi ne maar dala|thand ne maar dala|padhai ne maar dala|office ne maar dala|kaam ne maar dala|traffic ne maar dala|homework ne maar dala|bhookh se mar*|hans hans ke mar*|has has ke mar*|thak ke mar*|mar gaya yaar|garmi se mar*|pet me jalan|sharm se mar*",
  rules: {
    collapse: [
      "{breath} nahi chal*|{breath} band|nabz nahi|dhadkan nahi|dhadkan band|{breath} ruk*",
      "saans nahi chal rahi|saans band|sans band|saans ruk gayi",
      "behosh*|gir gaya|gir gaye|gir gayi + hil nahi|uth nahi|jawab nahi|saans|dhadkan|khelte|daaru|daru",
      "daru|daaru|sharab + uth nahi|behosh*",
    ],
    breathing: [
      "{breath} + nahi aa*|nahi le*|nahi aa rahi|phool*|ghut*|dikkat|mushkil|takleef + !thodi",
      "dam ghut*",
      "inhaler|asthma|dama + kaam nahi|asar nahi|aaram nahi|bol nahi",
      "gale + atak*|phas*|fas* + saans|awaaz|nikal|bachche|bete",
      "honth|muh|nakhun + neele|neela|blue",
    ],
    anaphylaxis: [
      "gala|jeebh|honth|chehra|muh + suj*|sooj*|band",
      "chakatte|pitti|daane|dane|rash + {breath}|chakkar|gala",
      "madhumakhi|tataiya|bee + kaata|dank + chakkar|suj*|saans",
    ],
    stroke: [
      "muh|chehra|face + tedha|tedhi|latak*|ek taraf",
      "zubaan|zuban|juban|awaaz|bol + ladkhada*|tedha|saaf nahi",
      "haath|hath|pair|sharir|badan + sunn|kaam nahi|uth nahi|kamzor|lakwa + achanak|ek taraf|aadha|baaya|daaya|bayan|dayan + !kamar",
      "sar dard|sir dard + zindagi|jindagi",
      "lakwa + maar|abhi|ho gaya|pad gaya",
    ],
    chest: [
      "{chest} + {pain}",
      "heart attack + aa raha|lag raha|aaya hai|pad raha",
      "{chest} + pasina|bhari",
    ],
    seizure: [
      "daura|daure|mirgi|jhatke + ruk nahi|minute|pad raha|aa raha|aa rahe|jhaag|hosh|pehli baar|bukhar|pada hai|bar bar + !gaadi chala",
      "muh se jhaag",
    ],
    bleeding: [
      "khoon + muh se|naak se|bahut aa + bahut|aa raha|ruk",
      "khoon|khun|blood + bahut beh*|ruk nahi|band nahi|ruk hi nahi + !period|pregnan*|donate",
      "khoon ki ulti|khun ki ulti|ulti me khoon",
      "tatti|potty|latrine + kaali|kali|tarcol + chakkar|behoshi|jaisi|kamzori",
      "ungli|haath|pair + kat gay*|alag ho*",
      "chaku|goli + lagi|laga|maara + khoon|pet",
    ],
    poisoning: [
      "{took} + cleaner|floor cleaner|sanitizer|thinner|tarpin|cigarette|odomos|nail polish",
      "{took} + phenyl|finaile|zeher|zahar|jahar|celphos|sulfas|tezaab|harpic|bleach|kerosene|petrol|keetnashak|kitnashak|chuhe|mitti ka tel|acid",
      "{took} + goliyan|goliya|goli|tablet*|neend ki + bahut|saari|poori|sab|20|30|50|sheeshi|patta",
      "battery|cell|magnet + nigal*|kha",
      "angithi|heater|koyla|geyser|generator + sar dard|chakkar|behosh",
      "desi daru|desi daaru|nakli sharab|zehreeli sharab + dhundla|dhundhla|dikh",
    ],
    suicide: [
      "day: jine ki ichha|jeene ki ichha|jeene ki chah|jine ka matlab|marne ka mann|mar jau",
      "khudkushi|suicide|atmahatya|aatmahatya|faansi|jaan de + aaj|abhi|kar lunga|kar lungi|goliyan|rassi|kosish",
      "day: mujhe marna|marna hai|marna chahta|marna chahti|mar jana|jeena nahi|jeene ka man|jine ka man|uthu hi na|sab khatam|sab mere bina|mere bina khush|zindagi khatam|jaan dene",
      "day: khudkushi|suicide|atmahatya|aatmahatya + main|mujhe|mera|khayal|mann|man",
      "day: haath kaat*|khud ko kaat*|khud ko nuksan",
      "aawaz*|awaaz* + maar do|maarne + sunai|kehti",
    ],
    violence: [
      "gala dab*|gala ghont*",
      "rape|balatkar|zabardasti|jabardasti + hua|hui|mere|kal|mujhse",
      "jaan se maar*|maar dalega|maar dega",
      "day: maarta|marta hai|peetta|pitta|maarte + pati|husband|sasural|ghar|dar|mujhe|roz",
      "day: chhute|chhuta|touch + galat|chacha|mama|kisi ko mat|uncle",
    ],
    infant: ["@infant|navjat|newborn + {fever}|sust|doodh nahi|thanda|thand|uth nahi|peela|100.8|dheela"],
    child: [
      "{child} + sab ulti|jo peeta|kuch nahi pee|kuch pee nahi|pani bhi ulti|kuch nahi pi",
      "pasli|pasliyan + dhans*|andar + saans",
      "peshab nahi + subah|kal se|aankhe|aankh|{child}",
      "aankhe|aankh + dhans*",
      "{child} + dheela pad*|bahut sust|behosh*",
      "hari ulti|hare rang ki ulti",
    ],
    meningitis: [
      "gardan + akad*|jakad*|mud nahi|nahi mud* + {fever}|ulti|roshni",
      "daane|dhabbe|chakatte + baingani|nahi jaate|purple + {fever}|{child}|dabane",
      "taalu|talu + phul*|fula|phula|ubhr*",
    ],
    sepsis: [
      "infection|nimonia|pneumonia|ghav|ghaav + behki|hosh|kapkapi|thand*|tez saans",
      "chemo|kimo|keemo + {fever}",
      "operation|delivery|surgery|prasav + {fever} + tez|badbu|badboo|thanda|peshab|pasina",
    ],
    head: [
      "sar|sir|head + chot|takra*|gir* + {vomit}|behosh*|so raha|neend|hosh|khoon patla|chakkar",
      "khoon patla + sar|sir + takra*|chot|gir*",
      "{child} + gira|gir gaya|giri + palang|bed|seedhi + so|{vomit}|sust|behosh*",
    ],
    pregnancy: [
      "pregnant|pregnancy|garbhvati|mahine + khoon|bleeding + bahut|thakke|zyada",
      "pregnant|pregnancy|mahine ki|garbhvati + sar dard|sir dard|sar me|sir me + dhundhla|dhundla|dhabbe|sujan|dikh*",
      "bachcha|baby|bachche + hil nahi|halchal nahi|move nahi|halchal kam + pet|kal se|pregnan*",
      "delivery|prasav + pad|khoon|bleeding + har ghante|bahut|bhar",
      "pani ki thaili|water break|naal + phat*|dikh*|toot*",
    ],
    sugar: [
      "sugar|diabetes|insulin + {vomit}|pasina|behosh*|hosh|ulta seedha|saans tez|kaanp*",
      "@sugar + {vomit}|pasina|behosh*|ulta seedha|chakkar",
      "{child} + paani pee|pani pi|pyaas + wajan|vajan|saans|peshab",
    ],
    heat: [
      "dhoop|loo|lu|garmi + behosh*|hosh|behki|sharir jal|tap raha|bahki|daura",
      "gaadi|car + band|chhod* + {child}",
      "doob*|pani se nikal* + behosh*|saans|khaans*",
    ],
    burn: [
      "jal gaya|jal gayi|jhulas*|ubalta|khaulta|garam tel|garam pani + {child}|chhale|chale|chehra|haath|gir gaya|sharir",
      "current|bijli + laga|jhatka|lag gaya",
      "tezaab|tejab|acid + chehre|gir|phenk*|chehra|haath",
      "aag|dhuye|dhua|dhuan + awaaz|khaansi|saans",
    ],
    bite: [
      "saap|saanp|sanp|naag|snake + kaat*|kata|das*|dasa|dans*",
      "bichhu|bichoo|scorpion + kaat*|dank + {child}|laar|kaanp*",
      "day: kutte|kutta|bandar|billi|chamgadar + kaat*|kharoch*|kata",
    ],
    eye: [
      "aankh + dikhna band|dikhai nahi|roshni chali|dikh nahi + achanak|ek",
      "aankh + parda",
      "aankh + chuna|tezaab|acid|chemical|bleach|phenyl",
      "aankh + laal|dard + ulti|gole",
    ],
    cauda: [
      "toilet ki jagah|peshab ki jagah|guptang|taango ke beech + sunn",
      "peshab + ruk gaya|nahi aa*|control nahi|nahi utar* + kamar|pair|sunn|slip disc|disc",
      "dono pair + sunn|kamzor + peshab|kamar|potty",
    ],
    abdomen: [
      "pet + patthar|sakht|asahniya|bardasht nahi + dard|jaisa|sakht",
      "day: pet + daayi|dayi|dahini|right + dard|bahut + bukhar|ulti|tez",
      "day: nabhi + dayi|niche|daayi",
      "potty|gas|latrine + kuch nahi|nahi + ulti|pet phul*|phula",
      "hernia + dard|bahar|sakht",
    ],
    testis: ["andkosh|testicle|andkosh* + achanak|bahut|suj*|dard|asahniya|upar + !bina dard|nasbandi"],
  },
};
