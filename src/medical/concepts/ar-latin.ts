// How people put the concepts of danger signs into Arabic words typed in Latin letters: 2 hamza, 3 ain, 5 kha, 7 ha, Egyptian and Levantine
// before others. spelling.ts folds the ways in which the same word is written.
import type { ConceptLexicon } from "./rules.ts";

export const arLatinConcepts: ConceptLexicon = {
  chest: "sadr*|sedr*|sidr*|2alb*|alby|qalb*|9adr*",
  head: "ras*|demagh*|dema8*|soda3*|sada3*",
  face: "wesh*|wish*|wajh*|wagh*|wejh*|tomm*|bo2*|7anak*|fomm*|fam",
  limb: "eed*|eid*|iid*|yad*|edo|dra3*|dera3*|zra3*|regl*|rejl*|rijl*|sa2*",
  oneSide:
    "noss gesm*|nos gesm*|noss jesm*|nos jism*|eed shmal|eed yemeen|dra3 shmal|dera3 shemal|eido shmal|edo el shemal|gamb wa7ed",
  throat: "zor*|zoor*|7al2*|7alq*|lsan*|lesan*|lisan*",
  lips: "shafay*|shfay*|shafe*|shaff*",
  neck: "ra2ab*|ra2bet*|ra2be*|ra2abt*|ro2b*|raqab*|3on2*",
  belly: "batn*|baten|bten*|me3d*|kerch*",
  back: "dahr*|zahr*|daher",
  eye: "3een*|3ein*|3yoon*|3oyoun*|3inay*",
  jawArm: "fakk*|ketf*|dra3*|dera3*",
  pain: "waga3*|waja3*|wag3*|byewga3*|byoga3*|yewja3*|byoja3*|alam|wja3*|7ara2an|maghas|ma8as|kaydar*",
  pressure: "daght|da8t|te2l|ti2l|7agar|2a3ed 3ala|katma|khan2a|5an2a|mad8out|diq|dee2|di2|di2a",
  worst:
    "gamed*|jamed*|gamda|shedeed*|shadid*|faze3*|mesh 2ader asta7mel|bzaf|bezzaf|kteer|keteer|ktir|awi|2awi",
  sudden: "fag2a*|faj2a*|faja2*|fajaa|marra wa7da|men el sob7|mn sob7|men shwaya|men sa3a|se7i|se7it",
  sweat: "3ar2*|3ara2|byo3ro2|3arqan|asfar|safra|shaheb|t3ar2*",
  numb: "menammel*|mnammel*|tanmil|tnmil|mashlool|shalal|5adran*|khadran*|mesh bte7arrak|mesh byet7arrak|mesh 2ader 7arrak*|mesh bett7arrak|ma bta7arrak|mesh 7ases|da3eef|da3if",
  droop: "ma2el|mayel|mayla|et3awag*|t3awwej*|3awag|me3weg|m3awwaj|nazel",
  speechLost:
    "mesh 3aref yetkallem|mesh 3arfa tetkallem|mesh 2ader yetkallem|mesh 2adra tetkallem|kalam* mesh mafhoom|kalam* mo mafhoom|lesan* te2eel|lsan* t2il|ma 3am ya3ref ye7ki|ma ye2der ye7ki|mabyetkallemsh",
  confused:
    "beykharraf|by5arraf|beyhalwes|tayeh|na3san|mesh mrakkez|mesh merakez|da3ye3|mkharbat|m5arbat|mesh 3aref be2ol eh|mesh 3arefna|nayem",
  unrousable:
    "mesh byes7a|mesh bates7a|mesh btes7a|mesh rady yes7a|mesh rady yefoo2|ma byefi2|ma 3am yefi2|ma yes7a|mesh beyrod*|mesh bayrod*|mesh bterod|ma byred|fa2ed el wa3y|mo wa3i|mesh wa3i|ma fa2ch|ghayboba|8aybooba|mogh*ma 3aleh|moghma",
  collapsed: "oghma 3aleh|o8ma 3aleh|8ma 3aleh|we2e3|wa2a3|wi2e3|ta7 3la|etla2a|enhar|da5 w",
  dizzy: "dayekh|daye5|dokha|do5a|dowar|dawkha|daw5a|8athayan|ghasayan|ta3ban*",
  notBreathing:
    "mesh byetnaffes|mesh byetnafes|mesh betetnafes|ma byetnaffas|ma 3am yetnaffas|ma kaytnefesch|mafish nabd|mafeesh nabd|2albo we2ef|2albo wa2af",
  breathless:
    "mesh 2ader atnaffes|mesh 2ader atnafes|mesh 2adra atnafes|mesh 2ader yetnafes|mesh 2adra tetnafes|mesh 2ader akhod nafas*|mesh 2ader a5od nafas*|mesh 3aref atnafes|ma fini etnaffas|ma 2dert etnaffas|makhnoo2*|ma5noo2*|byetkhne2|beyet5ene2|bet5ene2|3am yekhtene2|yekhtene2|yekhtane2|di2 nafas|dee2 nafas|dey2 tanafos|so3obet tanafos",
  breathShort: "nafas* saree3|nafas* sari3|nahagan|byenhag|nafas* 2aser|katma|nafasi",
  blue: "azra2*|zar2a|azraq|zr2a",
  choking: "share2|share2et|shar2an|shardae|ghass|8ass|wa2ef f zoro|we2ef f zoro",
  swell:
    "waram*|wrem*|werem*|warem*|wermet*|wermu|wermo*|menaffe5|menfe5|manfookh|manfoo5|bey2fel|2afal|tsakkar|yesakker|sakkar|be2fel",
  hives: "tafa7|artikaria|bo2a3 7amra|7obob f kol|7ekka f kol",
  fit: "tashannog*|tachannoj*|byetshannej|byetshanneg|beyetshaneg|bteshaneg|sara3|byentefed|byer3esh kollo|yerjof kello|lkriz|elkriz",
  eyesRolled: "reghwa|re8wa|3enoh la fo2|3yono la fo2|3enayh la foo2",
  ongoing: "da2aye2|d2aye2|lessa|awwel marra|dilwa2ty|halla2|mesh rady|3am|byet*|ma wa2af|sar",
  blood: "damm|dam|dem|nazif|nazeef|byenzef|btenzef|banzef|3am anzef|3am yenzef|nezef",
  much: "kteer|keteer|ktir|kteir|kathir|bzaf|bezzaf|gamed|ghazir|8azeer|kol 7etta|awi",
  unstoppable:
    "mesh byo2af|mesh bayo2af|mesh rady yo2af|ma byewa22ef|ma 3am yewa2ef|mabghach ywgef|mesh bewa2ef",
  coughUp: "byeko7|beko7|be7*|ka7*a|so3al",
  vomit:
    "beyragga3|byragga3|baragga3|btragga3|ragga3|byestafragh|estafragh*|yestafre8|3am yestafre8|kaytqaya|terjee3|terga3",
  fever: "7arar*|harar*|sokhn*|so5n*|so5oneya|sokhoneya|s5ana|skhana|mwalla3|7omma|@fever",
  shiver: "byer3esh|byerta3esh|2osh3arira|ra3sha|byerjof|bardan",
  limp: "mesh byet7arrak|khamel|5amel|mer5i|merkhi|hamdan|mrakhrakh",
  noFeed: "mesh byerda3|mesh bterda3|mesh rady yerda3|ma byerda3|mesh byeshrab|ma byeshrab|mabyakolsh",
  spots: "bo2a3|ba23|7oboob|7obob|tafa7|no2at",
  purple: "banafseg*|banafsej*|mesh betroo7|mesh btroo7|ma betrou7|zar2a",
  stiff: "nashf*|nashef*|metsalleb*|metshannega|mta55asheb|yabes*|mesh 2ader yewatti|mesh 2ader yetni",
  light: "el nour|elnoor|noor|nour|daw|el daw|edaw",
  who: "baba|mama|abi|abouya|ommi|ommy|ummi|gozi|jozi|merati|mrati|ebni|ibni|benti|binti|bnti|akhoya|a5oya|akhi|a5i|o5ti|okhti|teta|sitti|geddo|jeddi|sa7bi|waldi|wldi|weldi|el walad|el bent|wa7ed|3ammi|5ali|khali",
  child: "ebni|ibni|benti|binti|bnti|tefl*|waldi|wldi|weldi|el baby|baby|radi3|el walad|elwalad|nounou",
  newborn: "mawlood|lessa mawlood|@infant|radee3",
  partner: "gozi|jozi|zawji|baba|abi|abouya|5atibi|khatibi|ebni",
  pregnant: "7amel|hamel|7aml|f el shahr|bel shahr",
  birth: "waladt|weladt|welada|welda|2aysareya|nefas",
  fetusStill: "el baby mesh byet7arrak|el ganeen mesh byet7arrak|mesh 7assa b 7araket|ma 3am 7ess b 7araket",
  waters: "el mayya nezlet|mayyet el ras|nzel el ma",
  diabetic: "sokkar|sukkar|sokkari|sukari|ensolin|insulin|insolin|@sugar",
  allergen:
    "na7l*|dabbour|dabboor|foul sudani|mokassarat|gambari|samak|penicillin|7asaseya|7asasi*|modad|7o2na",
  inhaler: "ba55akh*|bakhakh*|ba5a5*|rabw|rabo|ventolin",
  useless: "mesh 3amla|mesh 3amel|mesh nafe3|mesh bayenfa3|ma 3am yefid|ma nafa3|5elset|khelset|nawba|azma",
  swallow:
    "shereb*|shirib|shrib|chreb|bala3*|bla3*|akal*|5ad|khad|a5ad*|akhad*|a5adt|khadt|5adt|5at|ha5od*|hakhod*|khdit|klit|kal",
  poison:
    "klor*|klorox|jafel|javel|mobeed|mobid|somm|benzin*|monazef*|dettol|flash|asid|gaz|7abbet el ghalla",
  pills: "7oboob|7obob|7abayet|bersham|birsham|sheret*|shereet|dawa|adwya|panadol|banadol|mounawem|mnawem",
  many: "kol*|kollo*|kolloh*|kolohom|kollaha|keteer|kteer|ktir|shereet|3elba|20|30|40|50|3eshreen|talateen",
  overdose: "gor3a zayda|overdose|jor3a zayde",
  battery: "battareya|battariya|7agar sa3a|maghnatees",
  dieWish:
    "3ayez amoot|3ayza amoot|3awez amoot|3ayez amout|bedi moot|baddi mout|beddi mout|nefsi amoot|mesh 3ayez a3eesh|mesh 3ayza a3eesh|mosh 3ayez a3ish|msh 3ayez a3ish|ma3ash 3ayez a3eesh|ma3odtesh 3ayez a3eesh|ma baddi 3ish|ma bedi 3eesh|kereht 7ayati|karaht 7ayati|ze2et men el 7aya|bghit nmout|ma b9itch bghi n3ich|a7san men ghery|men gheri a7san",
  killSelf:
    "amawwet nafsi|a2tel nafsi|antte7er|ante7er|anta7er|7anta7er|hanta7er|hante7er|a5allas 3ala nafsi|anhi 7ayati|ne2tel rassi|mawwet 7ali|mawet 7ali|armi nafsi|ashno2 nafsi|akhlas men 7ayati",
  plan: "el leila|elleila|dilwa2ty|halla2|7oboob|7obob|2oddam*|2odam*|7abl|sekkina|mosaddas|katabt|resala|el sat7|elsath|2arrart|kobri|balakona|hakhod*|ha5od*",
  goodbye:
    "resalet wada3|wada3an lel kol|sam7oni kollokom|sam7ouni kelkon|kont 3ayez awadda3kom|bawadda3kom|bwadda3kon",
  strangled: "khana2ni|5ana2ni|beykhno2ni|masakni men ra2abti",
  raped: "eghtasab*|e8tasab*|ta7arrash beya",
  threat: "haye2telni|hay2telni|bihaddedni|beyhaddedni|ra7 ye2telni",
  beats: "byedrabni|beydrabni|darabni|kaydrebni|3am yedrobni",
  hit: "we2e3|wa2a3|we23|5abat*|khabat*|7adsa|ta7",
  snake: "te3ban|ti3ban|7ayye|7anash",
  scorpion: "3a2rab|3aqrab|3a2rabe",
  bitten: "3add*|3ad*|2aras*|lada8*|ladagh*|laza3*|las3*",
  burned: "7ara2*|et7ara2|ete7ra2|mayya maghleya|mayye 8alye|zeit so5n",
  monoxide: "ri7et ghaz|ree7et gaz|tasarrob ghaz",
};
