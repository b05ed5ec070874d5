// How people put the concepts of danger signs into Hindi words, in Latin letters, with the commonest spellings.
import type { ConceptLexicon } from "./rules.ts";

export const hiLatinConcepts: ConceptLexicon = {
  chest: "sine|sina|chhati|dil|seene|seena|chati|chaati|chest",
  head: "sir|mathe|khopdi|siradard|head|sar dard|sir dard|sardard|sirdard|sar me|sar par",
  face: "chehra|chehre|munh|honth|gal|palak|muh|mooh|face",
  limb: "hath|pair|baju|tang|ungliyan|banh|tangen|pairon|tangon|haath|paer|pao|taang|bazu|baazu|leg|arm",
  oneSide:
    "ek taraph|adha sharir|adhe sharir|bayan|dayan|baen|daen|bain|dain|dahina|ek said|ek taraf|ek side|aadha sharir|aadha badan|baaya|baya|daaya|daya|baayi|daayi|left side|right side",
  throat: "gala|gale|jibh|jeebh|tongue|throat",
  lips: "honth|nakhun|hoth|jibh|chehra|munh|lips|muh",
  neck: "gardan",
  belly: "pet",
  back: "pith|kamar|ridh|peeth|back",
  eye: "ankh*|aankh*",
  testicle: "andkosh*|goti*",
  saddle:
    "guptang*|tangon ke bich|janghon ke bich|peshab ki jagah|mal ki jagah|niche ka hissa|kulhe|taango ke beech|potty ki jagah|private part",
  fontanelle: "talu|taalu",
  earNose: "kan|nak|kaan|naak",
  jawArm: "jabad*|bayan hath|kandhe|baen hath|banh|jabd*|jabda|kandh*|left haath|baaya haath",
  pain: "dard|dukh*|jalan|tis|siradard|pida|chubhan",
  pressure:
    "dabav|bhari*|jakadan|bojh|patthar|kas*|ghutan|bharipan|daba|dabaav|jakdan|pathar|tight|kas|bhari pan|bhaaripan|bhari lag*|pressure|tight*|jakad*|jalan|kas raha|ghabrahat|heavy",
  worst:
    "asahniy|bhayankar|bahut tej|tej|bardasht|saha nahin|tadap*|bhayanak|jor|chikh*|asahniya|bahut tez|bohot tez|tez|saha nahi|bahut zyada",
  sudden:
    "achanak|ekadam|abhi|subah se|ekaek|thodi der pahle|subah uthe|subah uthi|ekdum|ekdam|suddenly|thodi der pehle",
  sweat:
    "pasina|pasine|pila pad*|pile pad*|saphed pad*|paseena|peela pad*|safed pad*|paseene|sweating|thanda paseena|pila|peela|safed",
  numb: "sunn|kamjor*|kam nahin|hil nahin|uth nahin|utha nahin|lakva|jhunjhuni|jan nahin|takat nahin|chhut|mahsus nahin|hila nahin|bejan|pata nahin chal|sun ho|sun pad*|kamzor*|kaam nahi|hil nahi|uth nahi|utha nahi|lakwa|jaan nahi|taakat nahi|mehsus nahi|hila nahi|numb|kaam nahi kar*|kam nahi kar*|kaam nhi kr*|utha nahi pa*|uth nahi pa*|hila nahi pa*|latak*|ghisat*|pakad nahi|chhoot*|chhut raha|sunn pad*|hilta nahi|nahi uth*|nahi hil*|paralysis|weakness",
  droop:
    "tedh*|latak*|tirachh*|jhuk|tedha|tedhi|tedi|teda|tircha|khinch*|khich*|ek or|ek taraf|mud gaya|latka|laar",
  speechLost:
    "bol nahin|juban ladakhda*|avaj ladakhda*|saph nahin bol|bat samajh nahin|boli band|avaj nahin nikal|boli ladakhda*|bolne men dikkat|jaban|tutla*|bol band|shabd nahin nikal|boli saph nahin|bol nahi|bol nhi|zubaan ladkhada*|zuban ladkhada*|awaaz ladkhada*|saaf nahi bol|baat samajh nahi|awaaz nahi nikal|bolne me dikkat|zaban lad*|bola nahi|bol nahi pa*|bol nahi paa*|theek se bol nahi|thik se bol nahi|thik se nahi bol|bolne me ladkhada*|jubaan ladkhada*|saaf nahi bol*|bola nahi ja*|awaz nahi nikal*|bolte nahi ban|shabd nahi nikal|bolna band|sharabi jaise|hakla*",
  confused:
    "bahki|badabda*|hosh men nahin|sust|besudh|pahchan nahin|ulti sidhi|ulta sidha|bahut so|bhram|nind men|ungh*|ajib baten|bhul|sota ja|soe ja|so raha|so rahi|vahi bat|behki|badbada*|hosh me nahi|pehchan nahi|pahchan nahi|ulta seedha|ulti seedhi|neend me|ajeeb bate|bhool|confuse*|behki behki|bahki bahki|ulta pulta|ajeeb baat*|ajeeb harkat|pehchan nahi pa*|hosh thik nahi|sudh nahi|sust pada|neend se nahi|gaflat|baat samajh nahi pa*",
  unrousable:
    "behosh*|jag nahin|uth nahin rahe|uth nahin raha|uth nahin rahi|javab nahin|hosh nahin|hosh nahin a|hil dul nahin|ankhen nahin khol|hosh kho|achet|hosh men nahin|jag nahi|uth nahi rahe|uth nahi raha|uth nahi rahi|jawab nahi|hosh nahi|hosh nhi|respond nahi|aankhe nahi khol*|unconscious|jaag nahi|hosh me nahi|uthane par nahi|uthane pe nahi|hilane par|hilane pe|jawab nahi de|react nahi|aankh nahi khol*|uth hi nahi",
  collapsed:
    "gir pad*|behosh*|gir gae|gir gaya|gir gai|chakkar khakar gir|gash|gir gaye|gir gayi|chakkar khakar|gir pda",
  dizzy: "chakkar|ghabrahat|michli|matli|ji michla|kamjori|behoshi|ji michla*|kamzori",
  notBreathing:
    "sans nahin chal|sans band|sansen band|dhadakan nahin|dhadakan band|nabj nahin|sans ruk|sans nahin le raha|sans nahin le rahi|sans nahin le rahe|nadi nahin|saans nahi chal*|saans band|dhadkan nahi|nabz nahi|saans ruk*|sans nahi chal*|saans nahi le raha|pulse nahi",
  breathless:
    "sans nahin a|sans nahin le pa|sans lene men|dam ghut*|sans phul*|sans atak*|sans ukhad*|hava nahin|sans li nahin|sans nahin li|ghut raha|hanph*|sans mushkil|saans nahi aa*|saans nahi le pa*|saans lene me|saans phool*|sans phool*|saans ful*|sans ful*|saans atak*|saans ukhad*|saans nhi aa*|sans nahi aa*|sans lene me|haanf*|saas nahi aa*|saas lene me|sans nhi|saans nahi*|saans fool*|dam ful*|dam phool*|bol bhi nahi pa*|hawa nahi mil*|breathing problem|breathe nahi|saans ruk*",
  breathShort:
    "sans tej|tej sans|sans ki takliph|sans gharaghra*|gharaghra*|karah*|sans|siti|saans tez|tez saans|ghargha*|sans tez|saans|seeti",
  blue: "nila|nile|nili|baingni|kala pad|neela|neele|neeli|blue|baingani",
  choking:
    "gale atak*|gale phans*|gale men atak*|gale men phans*|khans nahin pa|gale phas*|gale fas*|gale me atak*|gale me phas*|gale me fas*|khaas nahi|khans nahi|gale mein fas*|gale mein atak*|atak gaya gale|gale me sikka|nahi nikal raha gale|khaans nahi pa*|choke*|choking",
  swell: "suj*|phul*|sujan|band ho raha|phula|sooj*|phool*|soojan|mota ho|mote ho|fool*|swelling|kas raha",
  hives:
    "chakatte|pitti|lal dane|pure sharir dane|pure sharir par dane|sharir khujli|pure badan|laal daane|pure sharir daane",
  fit: "daura|daure|mirgi|jhatke|ainth*|kanp raha pura|akad gaya|akad raha|dora pad*|fits|seizure|daura pad*|daure pad*|jhatke aa*|mirgi*|akad gayi|haath pair akad*|kaanp raha pura|seizure*|aith*|thartha*",
  eyesRolled: "jhag|ankhen palat|ankhen chadh|ankhen upar|jhaag|aankhe palat*|aankhe chadh*|aankhein upar",
  ongoing:
    "ruk nahin|minat|bar bar|pahli bar|abhi|pad raha|pad rahe|a rahe|a raha|lagatar|raha hai|pada|aya|pad gaya|ruk nahi|minute|baar baar|pehli baar|aa rahe|aa raha",
  blood: "khun|rakt|bliding|lahu|khoon|blood|bleeding",
  much: "bahut|jyada|phavvara|phavvare|lagatar|kaphi|bah|thakke|paid|bhig|dher|tapak|dhar|bohot|bhot|bht|zyada|kaafi|beh|pad|fawwara|poora|pura|bheeg*|bhig*|tauliya|pad bhar*|phawara|fawara|fuwara|bucket|lath path|heavy|nikal raha|beh raha",
  unstoppable:
    "ruk nahin|nahin ruk|band nahin|tham nahin|nahin tham|ruk hi|rukta nahin|roke nahin|ruk nahi|ruk nhi|nahi ruk*|band nahi|tham nahi|ruk hi nahi|rukta nahi|ruk hi nahi*|ruk nahi*|band nahi*|band hi nahi*|tham nahi*|continuous",
  coughUp: "khans*|thuk|balagam|khaans*|thook*|balgam",
  vomit: "ulti|ultiyan|kai|ultiya|vomit*",
  vomitAll:
    "sab ulti|hari ulti|pani bhi ulti|kuchh nahin pach|kuchh tik nahin|har chij ulti|paani bhi ulti|kuch nahi pach*|kuch tik nahi",
  blackStool:
    "kala mal|kali tatti|kali poti|mal kala|tatti kali|tarkol|kaali potty|kali potty|kaali tatti|kaala mal|black potty|potty kaali|latrine kaali",
  severed: "ungli kat*|katakar|alag ho gai|angutha kat*|hath kat gaya|panja kat|ungli alag|haath kat gaya",
  stabbed: "chaku|goli lagi|goli mar*|chhura|goli lag|chhuri|goli mari|chaaku|goli maar*",
  tearing: "phat*|chir*|fat*|cheer*",
  fever:
    "bukhar|@fever|jvar|tap raha|tap rahi|badan garm|tapman|bukhaar|fever|badan garam|temperature|badan jal*|bahut garam|103|104|102",
  shiver: "kanp*|thithur*|kanpakanpi|thand|kaanp*|kamp*|kapkapi",
  limp: "dhila|sust|nidhal|dhili|lunj|hil nahin|bejan|besudh|dheela|dheeli|hil nahi|behjaan",
  noFeed:
    "dudh nahin|pi nahin|pita nahin|kha nahin|pani nahin pi|stanpan nahin|nahin pi raha|nahin pi rahi|dudh pina band|doodh nahi|dudh nahi|pee nahi|pi nahi|kha nahi|nahi pi raha|nahi pee raha|feed nahi|doodh nhi|dudh nhi",
  noUrine:
    "peshab nahin|peshab band|peshab ruk|dayapar sukha|susu nahin|yurin nahin|peshab nahi|peshab nhi|peshab ruk*|diaper sukha|susu nahi|urine nahi|toilet nahi",
  sunken: "dhans*|andar dhans|dhas*",
  ribsIn:
    "pasli dhans*|pasliyan dhans*|pasli chal*|pasliyan chal*|pasliyan andar|chhati dhans*|pasliyan dikh*|pasli andar|pasliya dhans*",
  spots: "dane|dhabbe|chakatte|nishan|daane|spots|rash",
  purple:
    "baingni|nahin jate|dabane|nile|gahre lal|gilas|baingani|nahi jaate|nahi jate|neele|purple|dabane se|dabane par|dabane pe|nahi mit*|baigni|bengani|neel|nahi jaa*|glass",
  stiff: "akad*|jakad*|mud nahin|jhuk nahin|mud nahi|jhuk nahi",
  light: "roshni|ujale|raushni|ujala|light|batti|bulb",
  mottled:
    "hath pair thande|dhadakan tej|tej dhadakan|sans bahut tej|thande pad|dil tej|haath pair thande|haath pair thanda|dhadkan tez|tez dhadkan",
  hard: "sakht|kada|patthar|tait|andar nahin ja|pathar|tight|andar nahi ja*",
  noStool:
    "poti nahin|gais nahin|mal nahin|laitrin nahin|tatti nahin|pad|potty nahi|gas nahi|latrine nahi|tatti nahi",
  rightLow:
    "niche dain|dain taraph niche|pet dain|pet ke dain|niche dahini|dahine nichle|dahini or|niche right|neeche daayi|neeche right|daayi taraf niche|pet right side|right side niche",
  clearFluid:
    "pani nikal|taral|saph pani|pani jaisa|pani bah|pani a|pani nikal*|paani nikal*|saaf pani|paani aa",
  blind:
    "dikhna band|dikhai nahin|dikh nahin|roshni chali|andhera chha|andha|najar chali|najar nahin a|kala dikh|dikhai nahi|dikh nahi|andhera chha*|nazar chali|nazar nahi aa*|dikh nhi",
  vision:
    "dhundhla|dhundhli|dhabbe|do do|chamak|tare|najar|dikhai|dhundla|dhundli|taare|nazar|dhundh|kam dikh*|double dikh*|dikhai nahi",
  curtain: "parda|chamak|kala saya|bijli si|kale dhabbe|kaala saya|kaale dhabbe",
  leak: "kantrol nahin|kapdon men peshab|peshab nikal|peshab par niyantran|pata nahin peshab|apne ap peshab|control nahi|kapdo me peshab|peshab nikal*|apne aap peshab",
  fruity: "mithi gandh|phalon jaisi|esiton|mithi badbu|meethi gandh|meethi badboo|acetone",
  thirst: "pyas|bahut pani pi|pyaas|bahut pani pi*|bahut paani pee*",
  weightLoss: "vajan kam|vajan ghat|dubla|vajan gir|wajan kam|weight kam|wazan kam|wajan ghat*",
  thunderclap:
    "jindgi sabse sir dard|sir phat|jivan ka sabse|aisa siradard kabhi|jindgi ka sabse|bam phat|aisa sir dard kabhi|sir men dhamaka|zindagi sabse sar|zindagi ka sabse|sar phat*|sir phat*|sar fat*|sir fat*|aisa sar dard kabhi",
  who: "papa|mammi|pita*|pati|patni|dada*|dadi|nana*|nani|beta|bete|beti|bachch*|bhai|bahan|dost|vo|vah|use|usko|unhen|chacha|sasur|sas|padosi|ankal|anti|babuji|mataji|bhaiya|didi|munna|kisi|admi|aurat|bivi|mummy|mumma|maa|pitaji|bacch*|behen|behan|wo|woh|unko|saas|uncle|aunty|biwi|husband|wife|dada|nana|mami|mama|bhabhi|friend|son|daughter|baby|bachcha|bachche|bacchi|bachchi|father|mother",
  child:
    "bachch*|beta|bete|beti|shishu|munna|bitiya|sal ka|sal ki|mahine ka|pota|poti|navjat|munni|lalla|gudiya|bacch*|bacha|bache|baby|saal ka|saal ki|mahine ki|bachche|bachcha|bachchi|bacchi|bachi|son|daughter|bhanja|bhatija",
  newborn: "navjat|@infant|nanha|naya janma|janme|newborn|naya bachcha",
  everyone:
    "sabko|sabhi|pure parivar|ghar men sab|ham sab|sare|pura parivar|sab ko|poore ghar|hum sab|puri family|ghar me sab",
  partner: "pati|patni|bap|pita|sasural|sas|boyaphrend|mujhe|beta|papa|sasur|husband|baap|saas|boyfriend",
  pregnant:
    "garbh*|pregnent|pet se|mahina chal|pregnensi|man banne|pregnan*|mahina chal*|pregnant|pregnancy|mahine ki|maa banne|8th month|7th month|9th month",
  birth: "dilivri|prasav|sijeriyan|janm diya|garbhpat|jachgi|bachcha hone|delivery|cesarean|abortion",
  fetusStill:
    "bachcha hil nahin|bachche hil nahin|bachcha nahin hil|halachal nahin|halachal kam|halachal band|kik nahin|bachche ki halachal|harakat nahin|muvment nahin|lat nahin|ghum nahin|bachcha hil nahi|bachha hil nahi|baby hil nahi|halchal nahi|halchal kam|kick nahi|movement nahi|baby move nahi|bacha hil nahi|bachche ki halchal",
  waters:
    "pani ki thaili|pani chhut|pani phut|jhilli phat|pani tut|pani gir|pani nikal|pani chhut*|pani phoot*|paani toot*|water break|pani toot*|pani nikal*",
  cord: "nal bahar|nal dikh|garbhnal bahar|nal nikal|naal bahar|naal dikh*",
  diabetic: "shugar|daybitij|madhumeh|insulin|@sugar|sugar|diabetes|diabetic|type 1",
  allergen:
    "mungaphli|jhinga|madhumakkhi|tataiya|penisilin|injekshan|entibayotik|elarji|machhli|anda|dank|dava|kaju|barr|tika|mashrum|badam|moongfali|mungfali|madhumakhi|injection|antibiotic|allergy|dawai|dawa|prawn*|peanut|prawn|fish|dawai khane|dawa khane|vaccine|cheenti",
  inhaler: "inhelar|panp|dama|asthma|nebulaijar|dame|inhaler|pump|nebulizer",
  useless:
    "kam nahin|asar nahin|aram nahin|phayda nahin|ataik|badh|khatm|beasar|daura|rahat nahin|kaam nahi|asar nahi|aaram nahi|fayda nahi|attack|khatam|aaram nahi*|asar nahi*|kaam nahi*|fayda nahi*|faida nahi*|se bhi nahi|khatam ho*|rahat nahi*",
  swallow:
    "pi liya|pi li|pi gaya|pi gai|kha liya|kha li|kha lin|kha lie|nigal*|kha gaya|kha gai|piya|khaya|gatak|chaba*|chat*|munh dal|munh men dal|gai hain|pee liya|pee li|pee gaya|pi gayi|kha liye|kha gayi|muh me daal*|nigla|kha lii|gatak*|khayi|chat liya|le liya|le li",
  poison:
    "phinail|jahar|kitnashak|tejab|harpik|blich|mitti ka tel|kerosin|chuhe|salphas|petrol|ditarjent|esid|toylet klinar|kastik|sainitaijar|thinar|klinar|kachhua|machchhar|yuriya|dhatura|mashrum|dijal|tarpin|olaaut|rait|sabun|bij|kaner|davai chhid|heyar dai|kala patthar|laijol|gudnait|chuna|phenyl|finail|phenol|zeher|zehar|zahar|keetnashak|tezaab|tezab|harpic|bleach|kerosene|sulfas|celphos|detergent|acid|cleaner|sanitizer|thinner|all out|good knight|hit spray|lizol|colin|rat kill|chuhe mar*|rat poison|mortein|good night|goodnight|dettol|khet ki dawa|poison|toilet cleaner|drain cleaner|hair dye|nail polish|diesel|naphthalene|surf|caustic",
  pills:
    "goliyan|goli|davaiyan|dava|davai|taiblet*|pairasitamol|kaipsul|krosin|goliya|dawaiyan|dawai|dawa|tablet*|paracetamol|capsule*|crocin|tablet|tablets|dolo|combiflam|neend ki|syrup|capsule|medicine|pills|bp ki|sugar ki",
  many: "bahut sari|puri|pura|sari|20|30|40|50|patta|shishi|botal|bis|tis|chalis|pachas|mutthi|dher|10|15|ikatthi|dibba|ek sath|nind ki|patte|bahut saari|poori|poora|saari|sheeshi|bottle|bees|tees|ek saath|neend ki|poora patta|pura patta|poori shishi|puri shishi|poori bottle|sab|25|60|pata|strip|dher sari|kai",
  overdose: "ovardoj|dava ki jyada|overdose",
  battery: "baitri|sel|chunbak|battery|cell|chumbak|magnet*",
  heater: "angithi|hitar|koyla|gijar|janretar|chulha|koyle|alav|sigdi|borsi|heater|geyser|generator",
  monoxide: "gais lik|karban mono*|gais ki badbu|gais risav|gais ki gandh|gas leak|carbon monoxide",
  drug: "heroin|smaik|drag|nasha|chitta|aphim|injekshan|smack|drug*|afeem",
  badAlcohol:
    "desi daru|desi sharab|nakli sharab|jahrili sharab|kachchi sharab|kachchi daru|desi daaru|zehreeli sharab|kachi sharab",
  dieWish:
    "jina nahin|marna chah*|mar jana|jine ka man|jine ki ichchha|jine ka matalab|marna hai|jindgi khatm|sab khatm kar|mere bina|maut a|subah n uth|jine ka koi|jindgi se tang|mar jaun|nahin jina|mar kyon nahin|ji nahin karta jine|jikar kya|jine se|hamesha ke lie so|mar jati|mar jata|ab nahin jina|mar jae|jine ka phayda|jeena nahi|jina nahi|jine ka man*|jeene ka man*|marna chaht*|mar jau|mujhe marna|zindagi khatam|jindagi khatam|sab khatam kar*|jeene ki ichha|jine ki ichha|zindagi se tang|nahi jeena|nahi jina|jeene ka matlab|jine ka matlab|maut aa jaye|suicidal|jeene ka koi|marne ka man*|hamesha ke liye so|jine ka man nahi|jeene ka man nahi|marna chahta|marna chahti|mar jaana|zindagi bekar|mar jaungi|mar jaunga|marne ka man|jiya nahi jata|maut aaye|subah na uthu|ab nahi jeena|ab nahi jina|jeene se thak*|duniya chhod*|jee kar kya",
  killSelf:
    "atmahatya|khudkushi|jan de|phansi|khud ko khatm|khud ko mar|kud jaun|nas kat|jan dene|khud ko marne|latak jaun|jan le lun|kud jane|susaid|tren ke niche|patri par|kudne|aatmahatya|suicide|jaan de|faansi|fansi|khud ko khatam|khud ko maar|kood jau|kud jau|nas kaat*|jaan dene|latak jau|train ke niche|jaan de*|latak jau*|kood jau*|kud jau*|nas kaat|khud ko maar*|train ke neeche|patri pe|kuch kar lunga|kuch kar lungi|kuch kar lega|kuch kar legi|jaan de dunga|jaan de dungi|hath kaat lunga|aag laga lu*",
  plan: "aj|abhi|rat|goliyan|rassi|chitthi|jahar|taiyari|chhat|pul|davaiyan|kamra band|band kar|koshish|dhamki|raha hai|soch liya|likh|patri|bled|dupatta|pankhe|bol rah*|kah rah*|aaj|raat|zeher|zahar|tayari|kosish|pass|likh*|blade|keh rah*|aaj raat|chhat pe|plan|band kar*|bol rahi|bol raha|keh rahi|keh raha|note|ready|taiyar*|lock|kamra",
  goodbye:
    "akhiri chitthi|akhiri alvida|susaid not|alvida|akhiri maisej|akhiri bar bat|suicide note|akhri message|aakhri chitthi|last message|alwida|aakhri message|akhri baar|good bye sabko",
  selfHarm:
    "hath kat*|khud ko kat*|khud ko nuksan|khud ko chot|bled mar*|kalai kat*|nas kat*|khud ko jala|bled se kat*|haath kaat*|hath kaat*|khud ko kaat*|blade maar*|kalai kaat*|nas kaat*|blade se kaat*",
  voices: "avaj*|sunai|awaaz*|awaz*|aawaz*",
  harm: "mar*|mar|kud*|jan|chot|maar*|kood*|jaan",
  strangled: "gala daba*|gala ghont*|gardan daba*|gala dab*|gardan dab*",
  raped:
    "balatkar|rep|jabaradasti ki|jabaradasti sanbandh|yaun|ijjat lut*|chhedchhad|jabaran|jabaradasti hui|rape|zabardasti ki|jabardasti ki|zabardasti sambandh",
  threat:
    "jan se mar*|mar dal*|mar dega|marne ki dhamki|jinda jala|chaku lekar|jaan se maar*|maar dal*|maar dega",
  beats:
    "marta|marte|pitta|pita|pitte|marpit|mara|hath utha*|thappad|lat|maarta|marta hai|maarte|peetta|peeta|marpeet|maarpeet|haath utha*",
  touched: "galat chhu*|galat jagah|chhuta|chhute|gandi jagah|galat tarike se|galat touch*",
  infection:
    "inphekshan|sankraman|nimoniya|ghav|mavad|badbu|badbudar|infection|nimonia|pneumonia|ghaav|mawad|badboo|pus",
  chemo: "kimo*|transaplant|lyukemiya|blad kainsar|chemo*|keemo*|transplant",
  surgery: "opreshan|sarjri|tanke|sijeriyan|apreshan|garbhpat|operation|surgery|taanke|cesarean",
  hit: "chot|gir*|takra*|eksident|durghatna|lag gai|patak|phisal*|accident|lag gayi",
  thinner:
    "khun patla|varpharin|khun patli|patla karne|espirin|ikosprin|khoon patla|warfarin|ecosprin|blood thinner",
  sunHeat: "dhup|lu|garmi|dhoop|loo lag*",
  lockedCar:
    "kar men band|gadi men band|gadi men chhod|kar men chhod|kar men rah|car me band|gaadi me band|gadi me band|gaadi me chhod*|car me chhod*",
  drowned:
    "dub*|pani se nikal*|talab|pani men gir|tab men|sviming pul|kuen|doob*|dub gaya|dub gayi|paani me gir*|swimming pool",
  burned:
    "jal gaya|jal gai|jhulas*|khaulta|khaulte|ubalta|ubalte|garam tel|garm tel|garm pani|garam pani|garm dudh|garm chay|ag lag|jal gae|ubalti|garam chay|garam dudh|patakhe|jala|jal gayi|garam doodh|garam chai|aag lag*",
  electric:
    "karant|bijli ka|bijli lag|bijli gir|bijli ke tar|bijli lag*|bijli gir*|current lag*|current laga|current maar*|current se|bijli ka jhatka|shock lag*",
  corrosive:
    "tejab|chuna|esid|kemikal|blich|phinail|harpik|siment|phevikvik|kastik|tezaab|acid|chemical|bleach|phenyl|harpic|cement|fevikwik",
  fire: "ag|dhuan|dhuen|aag|dhua|dhuye",
  snake: "sanp|nag|karait|vaipar|sarp|kobra|saap|saanp|naag|snake|cobra",
  scorpion: "bichchhu|makdi|kanakhjura|bichhu|bichchu|bicchu",
  animal: "kutte|kutta|bandar|billi|chamgadad|siyar|chuhe|nevle|kutte ne|chamgadar",
  bitten: "kat*|das*|dank|kharonch*|noch*|dans*|panja|kaat*|kata|kat liya|kharoch*",
  pierced: "ghus*|chubh*|kil|kanch|lohe|kanta|sui|dhans|keel|kaanch",
  hernia: "harniya",
  other: "current affair*|currently|section|sections|girl|girls|minister",
  burden:
    "mere bina sab khush|mere bina sab theek|mere jaane ke baad|mere na hone|mere marne ke baad|main bojh|mai bojh|sab pe bojh|ghar pe bojh|family pe bojh|kisi ko farak nahi|kisi ko fark nahi|koi yaad nahi karega|main na rahu|mai na rahu|main nahi rahunga|main nahi rahungi|mere na rehne",
  edge: "chhat|chat pe|terrace|pul|bridge|patri|railway line|track pe|balcony|khidki|tanki",
  ending:
    "alvida|alwida|bye|maaf kar*|maaf karna|sorry maa|sorry mummy|sab khatam|bas ab|ab bas|himmat nahi|aur nahi seh|saha nahi jata|jiya nahi jata|kood|kud|aakhri|akhri|dhyan rakhna|khayal rakhna|wapas nahi aa|thak gaya hu|thak gayi hu|koi rasta nahi|sab plan|plan kar liya|aaj raat",
  letters: "chitthi likh*|letter likh*|khat likh*|suicide note|note likh*|wasiyat|sab kuch likh",
  weapon: "chaku|chaaku|rassi|blade|goliyan|tablets|dupatta|zeher|jahar|banduk|fanda|kainchi|pills",
  lockedIn:
    "kamra band kar*|kamre me band|darwaza nahi khol*|darwaza band kar*|andar se band|room lock|kundi laga|lock kar liya",
  stiffNeck:
    "gardan nahi mod*|gardan nahi jhuk*|gardan nahi hil*|gardan mod nahi|gardan jhuka nahi|sar nahi jhuka|thuddi chhati|gardan akad*|gardan tight|neck stiff|neck akad*",
  sugarFar: "@sugar",
  farewell:
    "khayal rakhna|khyal rakhna|dhyan rakhna|maaf kar dena|maaf karna|alvida|bojh hu|bojh ban|aakhri message|aakhri baar|last message",
  unreachable:
    "switch off|switched off|phone band|phone nahi utha|phone nahi uthaya|call nahi utha|phone nahi lag|reply nahi kar|jawab nahi de|mil nahi raha|mil nahi rahi",
};
