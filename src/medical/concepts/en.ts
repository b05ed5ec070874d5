// How people put the concepts of danger signs into English words.
import type { ConceptLexicon } from "./rules.ts";

export const enConcepts: ConceptLexicon = {
  chest: "chest|breastbone|sternum|ribcage|ribs|chesst|chets",
  head: "head|skull|forehead|headache*|bonce|noggin",
  face: "face|mouth|smile|cheek|eyelid|lip",
  limb: "arm|arms|leg|legs|hand|hands|foot|fingers",
  oneSide:
    "one side|left side|right side|half body|half face|half of|left arm|right arm|left leg|right leg|left hand|right hand",
  throat: "throat|tongue|windpipe|airway",
  lips: "lips|fingertips|fingernails|nails|tongue",
  neck: "neck",
  belly: "belly|stomach|tummy|abdomen|abdominal|tum|guts",
  back: "back|spine|shoulder blades|lower back",
  eye: "eye|eyes|eyeball",
  testicle: "testicle*|testic*|balls|ball|nut|nuts sack|scrotum|nutsack",
  saddle:
    "between legs|genital*|groin|private parts|privates|when wipe|backside|buttocks|bum|perineum|penis|vagina|down there",
  fontanelle: "fontanel*|soft spot",
  earNose: "ear|ears|nose|nostril*",
  jawArm: "jaw|left arm|shoulder|both arms|arm",
  pain: "pain|pains|painful|painfull|hurt*|ache*|aching|agony|sore|cramp*|throbbing|stabbing|burning|headache*|kills",
  pressure:
    "tight*|pressure|heav*|squeez*|crush*|band around|weight on|vice|vise|clamp*|elephant|brick|discomfort|sitting on|press*|standing on|squash*|weight|someone standing|sat on|belt around|tightening|horse|burning|fire",
  worst:
    "worst|unbearable|excruciating|agony|agonising|agonizing|severe*|screaming|doubled over|cant stand|cant straighten|horrendous|extreme|intense|writhing|terrible|horrible|awful",
  sudden:
    "sudden*|out of nowhere|all at once|just now|just started|just went|since this morning|woke up|minutes ago|out of blue|from one moment|in seconds|this morning|an hour ago",
  sweat:
    "sweat*|clammy|pale|grey|gray|ashen|drenched|white as|cold and wet|gone white|dripping|sweating buckets|gone grey|gone gray|grey as|gray as|white as a sheet|cold sweat*|clamy",
  numb: "numb*|weak*|limp|paraly*|tingl*|cant move|cant lift|cant raise|cant grip|cant feel|wont move|not working|stopped working|isnt working|no feeling|pins and needles|dead|useless|gone dead|no strength|dropping things|keeps dropping|give way|giving way|buckl*|collapsing|hangs|hanging|drag*|flopp*|cant hold|cant squeeze|cant use|dead weight|heavy and|wobbly arm",
  droop:
    "droop*|crooked|lopsided|sagg*|slid*|twisted|uneven|wonky|hanging|fallen|pulled to|dropped|slip*|to one side|gone down|down one side|drop*|not even|half smile|dribbl*|drool*",
  speechLost:
    "slur*|cant speak|cant talk|cant get words|words jumbl*|jumbl* words|talking rubbish|talking nonsense|speech gone|gibberish|garbl*|words wrong|cant find words|mumbling nonsense|not making words|lost speech|speaking weird|talking funny|talking weird|speech weird|speech funny|words all jumbled|words jumbled|words mixed|cant speak properly|cant talk properly|speech all|talking backwards|talking like drunk|sounds drunk|like hes drunk|like shes drunk|mouth full|wrong words|speech slow|speech not right|cant say words|doesnt make sense talking|mumbl*",
  confused:
    "confus*|drows*|very sleepy|so sleepy|really sleepy|sleepy|disorient*|deliri*|rambling|not making sense|doesnt know where|doesnt know who|doesnt recogni*|out of it|incoheren*|lethargic|nonsense|acting drunk|acting strange|acting weird|hallucinat*|same question|hard to wake|cant stay awake|keeps falling asleep|not himself|not herself|knocked out|blacked out|muddled|wont stop sleeping|doesnt remember|cant remember|doesnt know what|not with it|away with the fairies|talking to people|calling me by|doesnt recognise|cant answer|cant follow|spaced out|acting odd|not right in head|not making any sense|sedated|cant keep eyes open|keeps drifting off|drifting in and out",
  unrousable:
    "wont wake|cant wake|not waking|isnt waking|doesnt wake|unrespons*|not respond*|wont respond|isnt respond*|doesnt respond|unconscious|out cold|cannot wake|wont open eyes|lifeless|unable to wake|not conscious|lost consciousness|not answering shak*|no response|doesnt react|not react*|cant rouse|wont rouse|not rousing|cant get him to wake|cant get her to wake|cant wake up|not coming round|wont come round|knocked out|sparked out|knocked unconscious|not respondin|no reaction",
  collapsed:
    "collaps*|passed out|fainted|keeled|dropped to floor|fell to floor|on the floor and|hit the deck|blacked out|went down|nearly fainted|passing out|almost passed out|keep fainting",
  dizzy:
    "dizz*|faint|lightheaded|light headed|woozy|giddy|going to pass out|gonna pass out|about to pass out|spinning|nausea|nauseous|unwell|sick|wobbly",
  notBreathing:
    "not breathing|not breathin|isnt breathing|stopped breath*|isnt breath*|no pulse|no heartbeat|heart stopped|doing cpr|cant find pulse|no longer breathing|barely breath*|hardly breath*|doesnt breathe",
  breathless:
    "cant breath*|cannot breath*|cant breathe|unable to breathe|gasp*|struggl* to breathe|struggl* for breath|fighting for breath|fighting for air|cant catch breath|suffocat*|cant get air|cant get enough air|hard to breathe|hardly breathe|barely breathe|can barely breath|trouble breathing|cant get breath|cant finish sentence*|cant say sentence|cant speak full|few words at a time|air hunger|struggling to breath|cant get her breath|cant get his breath|cant get a breath|fighting to breathe|drowning in air|cant talk for breath|too breathless|cant speak for|every muscle to|sucking for air|struggling for air|heaving for breath|breathing really hard",
  breathShort:
    "short of breath|shortness of breath|out of breath|breathless*|wheez*|breath* fast|breath* hard|breath* heavy|difficulty breathing|breath* difficult*|breath* rapid*|breath* funny|puffing|breath* quick|laboured|labored|panting|grunt*|breath* strange|noisy breath*",
  blue: "blue|bluish|purple|turning grey|gone grey|turning gray|dusky",
  choking:
    "chok*|stuck in throat|lodged in throat|cant cough|food went down wrong|choking|stuck in windpipe|went down wrong way|gone down wrong|grape|swallowed a grape wrong|gagging and blue",
  swell:
    "swell*|swollen|swole*|puff*|clos*|ballooned|bulg*|huge|bloat*|blown up|tightening|distended|balloon*|blew up|like a balloon|fat lip|twice the size|swelled|swells|puffing up|closing up",
  hives:
    "hives|welts|rash all over|rash everywhere|itchy all over|blotches all|red all over|hive|itching all over",
  fit: "seizure*|seizing|convuls*|fitting|fits|jerking|epilep*|shaking all over|shaking uncontroll*|shaking violently|twitching all|body shaking|whole body shaking|having a fit|jerky|jerking about|thrashing|spasm*|gone stiff and shaking|stiff and jerking|stiff then jerking",
  eyesRolled: "eyes rolled|eyes roll*|foam* mouth|frothing|foaming",
  ongoing:
    "wont stop|not stop*|minutes|mins|still|first|never had|another one|one after another|keeps|again|now|having a|is having|right now|5 min|doesnt stop|hasnt stopped",
  blood: "blood|bleed*|bled|haemorrhag*|hemorrhag*|bloody|clots|bleedin|bloods|bleading|blud",
  much: "lots|a lot|loads|pouring|gush*|pool*|everywhere|soak*|spurt*|squirt*|heav*|buckets|massive*|huge|so much|pumping|pad an hour|pads|too much|profuse*|drench*|cupful*|large|big|whole|sheets are soaked|all over|through the towel|through towels|pools|streaming|running down|dripping|filling|non stop|squirts|puddle|bucket",
  unstoppable:
    "wont stop|cant stop|not stop*|doesnt stop|keeps coming|keeps bleed*|hasnt stopped|isnt stopping|refuses to stop|not clotting|still bleed*|nonstop|non stop",
  coughUp: "cough* up|coughing|cough*|hack*|spit*",
  vomit:
    "vomit*|throwing up|throw up|threw up|thrown up|throws up|puk*|being sick|been sick|barf*|sick twice|chuck* up|retch*|vomitting",
  vomitAll:
    "vomit* everything|throw* up everything|keeps nothing down|cant keep anything down|nothing stays down|brings everything up|keep* down|even water comes|green vomit|vomit* green|vomit bile|cant hold down",
  blackStool: "black poo*|black stool*|tarry|poo* black|stool* black|like tar|coffee ground*",
  severed:
    "cut off finger*|finger* cut off|severed|amputat*|chopped off|ripped off|sliced off|finger* off|came off|tore off|hand off|toe off",
  stabbed: "stabb*|gunshot|got shot|been shot|was shot|shot in|knife in|knife wound|shot me|impaled",
  tearing: "tearing|ripping|ripped apart|torn apart|like a knife",
  fever:
    "fever*|high temp*|temperature|burning up|boiling|@fever|hot to touch|febrile|feaver|roasting|red hot|temp|burning hot|hot as|temp of|really hot|boiling hot|39|40",
  shiver: "shiver*|rigor*|chills|shak*|freezing|teeth chatter*|trembl*",
  limp: "floppy|limp|lethargic|listless|lifeless|rag doll|ragdoll|wont move|very weak|like a doll|unresponsive|not moving|wont sit up|cant hold head|hard to rouse|hardly moving|barely moving|all floppy",
  noFeed:
    "wont feed|not feeding|wont drink|not drink*|wont eat|refus* bottle|refus* feed*|refus* breast|refus* drink|stopped feeding|wont nurse|wont latch|not nursing|refuses milk|wont take bottle|not eating|no interest in milk|hasnt fed|wont suck|off his bottles|off her bottles|wont take milk|off feeds|not taking bottle|hasnt eaten",
  noUrine:
    "no wet nappy|no wet diaper*|not peed|hasnt peed|havent peed|cant pee|dry nappy|dry diaper*|no pee|no urine|cant urinate|unable to pee|not urinat*|hasnt weed|cant wee|not passed urine|dry nappies|cant pass urine|unable to urinate",
  sunken: "sunken|hollow eyes|eyes sunk*",
  ribsIn:
    "ribs sucking|ribs suck*|ribs pulling|sucking in ribs|see ribs|ribs show*|chest sucking|chest caving|pulling in under ribs|skin sucking|tummy sucking|chest sinks|ribs in",
  spots: "spots|rash|dots|marks|patches|bruis*|specks|blotch*|pinpricks|pin pricks|freckles",
  purple:
    "purple|dont fade|doesnt fade|not fad*|wont fade|glass test|pressed glass|dark red|press|blood spots|black|dusky|blue|dont go away|doesnt go away|dont disappear|go away when|fade under glass|glass on|tumbler|wine coloured|red purple",
  stiff: "stiff*|cant bend|cant touch chin|rigid|cant move|chin to chest|wont bend",
  light:
    "light hurts|light hurt|hates light|bright lights|cant stand light|light bother*|the light|sensitive to light|lights hurt|photophob*|curtains closed|light on|turn off light|lights off|lamp hurts|curtains|daylight|screen hurts|light hurting",
  mottled:
    "mottled|blotchy|patchy skin|heart racing|racing heart|cold hands|breathing very fast|heart pounding|skin grey|marbled|freezing",
  hard: "hard|rigid|board|rock|stone|solid|wont go back|stuck",
  noStool:
    "not pooped|no poo|no gas|cant fart|not passed gas|no stool|hasnt pooped|havent pooped|no bowel movement|cant poop|not farted|no wind",
  rightLow:
    "lower right|right lower|low right|right side belly|bottom right|right side of stomach|right side tummy",
  clearFluid:
    "clear fluid|clear liquid|watery fluid|clear water|water leaking|fluid leaking|fluid coming|fluid from",
  blind:
    "cant see|cannot see|gone blind|went blind|blind|lost sight|lost vision|lost my sight|vision gone|went black|gone black|black out in|no vision|everything dark|vision went",
  vision:
    "blurr*|sparkl*|flashing lights|seeing stars|spots in vision|seeing spots|vision|double vision|zigzag*|halos|rainbow*|lights in eyes|fuzzy|eyesight|seeing double|foggy|snowy",
  curtain: "curtain*|shadow|flashes|floaters|veil|black shade|dark shade",
  leak: "wet myself|wetting myself|incontinen*|lost control bladder|lost control bowel*|cant hold pee|cant feel pee|soil* myself|lost bladder|peed myself|cant control bladder|cant control pee|pooped myself",
  fruity:
    "fruity|nail polish|acetone|pear drops|ketone*|reads hi|says hi|off the chart|meter hi|meter says|too low to read|breath smells sweet|smells sweet|smells of pear|pear drop|sweet smelling breath|ketostix",
  thirst:
    "thirst*|drink* constantly|drinking loads|always drinking|drinks nonstop|drink* tons|drink* gallons",
  weightLoss: "lost weight|losing weight|weight loss|skinn*|thinner",
  thunderclap:
    "worst headache|thunderclap|headache of my life|headache like explosion|head exploding|hit by bat|like being hit|headache exploded|head explod*",
  who: "dad|mum|mom|mam|father|mother|husband|wife|he|she|hes|shes|grandma|grandad|granddad|grandpa|nan|gran|granny|nana|friend|son|daughter|brother|sister|kid|child|baby|uncle|aunt|coworker|colleague|neighbour|neighbor|boyfriend|girlfriend|partner|him|her|roommate|guy|man|woman|lady|boy|girl|toddler|someone|bro|wifey|hubby|bf|gf|nephew|niece|cousin|missus|stepson|stepdaughter|teenager|housemate|flatmate|passenger|stranger|old man|old lady|customer|student|teacher|mate|patient",
  child:
    "child|kid|kiddo|son|daughter|toddler|baby|infant|boy|girl|little one|lo|year old|month old|months old|yo|niece|nephew|grandson|granddaughter|bub|grandchild|newborn|mo|stepson|stepdaughter|3yo|2yo|4yo|5yo|teenager|son's|wee one|little boy|little girl",
  newborn: "newborn|@infant|new baby|days old baby|week old baby|preemie",
  everyone:
    "everyone|all of us|whole family|we all|everybody|both of us|kids and|the dog too|entire family|housemates|all feel",
  partner:
    "husband|boyfriend|bf|partner|wife|girlfriend|ex|dad|father|stepdad|stepfather|mum|mother|he|son|carer|me|brother",
  pregnant:
    "pregnan*|weeks along|expecting|preggo|preg|trimester|positive test|positive pregnancy|weeks gone|wks pregnant|third trimester|miss* period|late period",
  birth:
    "gave birth|giving birth|given birth|postpartum|after delivery|c section|csection|had baby|after birth|delivered|had my baby|miscarriage|labour",
  fetusStill:
    "baby not mov*|baby hasnt mov*|baby stopped mov*|baby isnt mov*|no kicks|stopped kicking|hasnt kicked|cant feel baby|not felt baby|havent felt baby|baby moving less|kicking less|no movement|havent felt kick*|not feeling baby|fewer kicks|baby quiet belly|not kicking",
  waters:
    "waters broke|water broke|waters broken|waters gone|water broken|leaking fluid|gush fluid|leaking water",
  cord: "cord coming|see cord|cord out|cord hanging|cord between|feel cord|umbilical out",
  diabetic: "diabet*|insulin|type 1|type one|t1d|blood sugar|sugar|glucose|@sugar|sugars|t1",
  allergen:
    "peanut*|nut|nuts|shellfish|shrimp|prawn*|bee|wasp|hornet|stung|sting|penicillin|amoxicillin|antibiotic*|allerg*|cashew*|seafood|egg|sesame|ibuprofen|vaccine|jab|injection|fish|almond*|kiwi|epipen|anaphyla*|crab|lobster|walnut*|new medicine|bee sting|wasp sting|satay|tahini|latex|contrast dye|antibiotics|peanut butter|mussels|scampi|bees|wasps|cashew",
  inhaler: "inhaler|puffer|nebuli*|ventolin|salbutamol|albuterol|asthma*|blue pump",
  useless:
    "not working|isnt working|doesnt work|doing nothing|not helping|isnt helping|no help|doesnt help|useless|isnt doing|not doing|no good|run out|ran out|empty|no relief|getting worse|attack|wont help|no effect|isnt touching|didnt help|didnt work|not touching it|not touching|used up|puffs|times and|still cant",
  swallow:
    "swallow*|drank|drunk|drink|drinking|ate|eaten|took|taken|ingest*|got into|down* whole|in his mouth|in her mouth|licked|sipped|gulped|chew*|bit into|eating|necked|popped|inhaled|had",
  poison:
    "bleach|cleaner|detergent|drain|antifreeze|pesticide|rat poison|poison*|weed killer|weedkiller|petrol|gasoline|kerosene|turpentine|acid|chemical*|disinfectant|laundry pod*|pods|dishwasher tablet*|lighter fluid|paint thinner|methanol|insecticide|ammonia|berries|mushroom*|nicotine|vape juice|lye|fertilizer|hand sanitiser|hand sanitizer|toilet duck|windex|roach killer|white spirit|slug pellets|mothball*|essential oil|descaler|screenwash|oven cleaner|unblocker|drain opener|sink unblocker|limescale remover|dishwasher salt|caustic soda|lamp oil|liquid tabs|laundry capsule*|laundry liquid|floor cleaner|bathroom cleaner|toilet cleaner|toilet block|brake fluid|surgical spirit|perfume|mouthwash|e liquid|rat bait|mouse poison|ant powder|slug bait|yew|foxglove|deadly nightshade|death cap|wild mushrooms|mr muscle|domestos|dettol|drano|clorox|lysol|cillit|zoflora|roundup|draino|ajax|tide pod*|pine sol|jeyes",
  pills:
    "pill*|tablet*|paracetamol|tylenol|acetaminophen|ibuprofen|medicine*|medication*|meds|capsule*|antidepressant*|sleeping|xanax|aspirin|panadol|iron tablets|valium|sertraline|metformin|insulin|heart tablets|gummies|edibles|co codamol|codeine|zopiclone|advil|benadryl|oramorph|tramadol|pregabalin|propranolol|amitriptyline|citalopram|blood pressure tablets|melatonin|cough syrup|calpol|nurofen|tylonol|paracetomol|paracetemol|ibuprofin|citirizine|antihistamines|diazepam|temazepam|heart pills",
  many: "whole|all|entire|bottle|box|pack|packet|handful|loads|lots|too many|dozens|bunch|20|25|30|40|50|60|100|twenty|thirty|forty|fifty|strip|blister|everything|16|18|24|32|double digits|at once|15|10|12|ten|fistful|tons|fifteen|rest of|half the bottle|full bottle|empty bottle|whole lot|the lot|weeks worth|months worth|every single|a load|two packets|three packets|70|80|90|35|45|bottles|packs|packets|double dose",
  overdose: "overdos*|od|oded|od ing|took too many|taken too many|took too much insulin|swallowed all",
  battery: "battery|batteries|magnet*|lithium|button cell|watch cell|coin cell",
  heater:
    "heater|boiler|stove|generator|charcoal|barbecue|bbq|fireplace|furnace|gas fire|wood burner|car running|fire indoors|gas cooker",
  monoxide: "carbon monoxide|monoxide|co alarm|co detector|gas leak|smell gas",
  drug: "heroin|fentanyl|opioid*|oxy|methadone|morphine|needle|smack|percs|perc|drugs|ketamine|xanax|ghb|used gear|cocaine|oxycodone|pinpoint pupils|shot up",
  badAlcohol:
    "homemade liquor|moonshine|methanol|homemade alcohol|fake vodka|bootleg|home brew*|dodgy vodka|homemade spirit*",
  dieWish:
    "want to die|wanna die|dont want to live|dont wanna live|dont want to be alive|dont want to be here|dont wanna be here|dont want to exist|not wake up|never wake up|no reason to live|nothing to live for|better off dead|better off without me|end it all|end it|cant go on|tired of living|wish i was dead|wish i were dead|life not worth|no point living|no point in living|done with life|want it to stop forever|dont see a point|end things|be better without me|rather be dead|tired of being alive|cant do life|not be here anymore|dont deserve to live|disappear forever|cant live like this|cant live anymore|give up on life|checking out|ready to go be with|die tonight|want to be dead|hope i die|ending it|thinking about ending|keep thinking about ending|not existing|sleep forever|never have to wake|dont want to wake up|dont want to be around|rather not be here|wish id never been born|no point anymore|no point carrying on|cant carry on|dont want to carry on|sick of living|done living",
  killSelf:
    "kill myself|killing myself|kms|end my life|ending my life|take my own life|suicid*|hang myself|shoot myself|jump off|unalive|take my life|off myself|overdose on purpose|slit my wrist*|slit wrist*|kill himself|kill herself|killing himself|killing herself|hang himself|end his life|end her life|hanging himself|jump from|jump in front|drown myself|take his life|take her life|tried to kill|do myself in|top myself|top himself|take all my pills|take all the pills|take all my meds|ending my own life|end things tonight|step in front|walk in front|drive off|drive into|throw myself|threw herself|threw himself|hes going to jump|shes going to jump|says hell jump|says shell jump|going to jump|about to jump|swallow all my|take them all",
  plan: "tonight|now|today|rope|gun|pills|plan|planned|bridge|ready|note|tonite|going to|gonna|right now|knife|blade|roof|im on|standing|bought|saved up|stockpil*|tried|attempted|tomorrow|when everyone|belt|razor|stash|locked in|locked himself|locked herself|letter|took|goodbye|bye|threatening|says|saying|loaded|train|tracks|ledge|window|tablets",
  goodbye:
    "suicide note|goodbye letter|goodbye note|written goodbye|said goodbye everyone|final goodbye|last goodbye|this is goodbye|note saying sorry goodbye",
  selfHarm:
    "cut myself|cutting myself|self harm*|selfharm*|harm myself|hurt myself on purpose|hurting myself|burn myself on purpose|cuts her arms|cuts on her arms|cuts on her wrists|cutting her arms|cutting her wrists|cutting herself|cutting himself|scratch* my arms|cutting again|hurt myself",
  voices: "voices|voice|demon*|hearing|god",
  harm: "kill|hurt|stab|harm|jump|die|attack|burn",
  strangled:
    "strangl*|choked me|chokes me|hands round my neck|hands around my neck|throttl*|squeezed my neck|hands round my throat|hands around my throat|grabbed me by throat|choked her|grabbed my throat|hand round my throat|hands around throat|pinned by neck|by the throat|squeezed my throat|cut off my air",
  raped:
    "raped|rape|sexually assault*|sexual assault|molest*|forced himself|forced me to have|drugged me|assaulted me|spiked my drink|touched me while asleep",
  threat:
    "going to kill me|gonna kill me|threaten* to kill|will kill me|says he ll kill|says hell kill|kill us|kill me if|has a knife|has a gun|with a knife|says hed kill|outside my door with",
  beats:
    "hits|beats|beating|hit|punch*|kick*|slap*|hurts me|abus*|beat|beaten|shov*|violent|smack*|threw me|pushes me",
  touched:
    "touches me down|touches my private*|touched my private*|touched her private*|touch* me secret|dont tell anyone touch*|uncle touch*|stepdad touch*|teacher touch*|touch* me at night|comes into my room at night|inappropriately touch*|touch* inappropriately|touch* me there",
  infection:
    "infect*|uti|pneumonia|wound|sepsis|septic|cellulitis|abscess|kidney infection|pus|smelly discharge|foul smell*|smells bad|foul discharge|catheter|smelly",
  chemo: "chemo*|neutropeni*|leukaemia|leukemia|transplant|no spleen|immunosuppress*|lymphoma treatment",
  surgery: "surgery|operation|op|operated|after op|stitches|post op|c section|hysterectomy|abortion",
  hit: "fell|hit|bang*|knock*|bump*|fall|crash*|accident|tumbl*|dropped|kicked|smack*|struck|concuss*|whack*|slipped|come off bike|injur*|punched|landed|cracked|clonked|walloped|came off bike|off trampoline|down stairs|off ladder",
  thinner:
    "blood thinner*|warfarin|thinners|apixaban|eliquis|xarelto|rivaroxaban|anticoagulant*|clopidogrel|heparin|edoxaban",
  sunHeat:
    "heat|sun|sunstroke|heatstroke|marathon|heatwave|hot day|sauna|45 degrees|roofing|hot car|in the field|training in heat",
  lockedCar: "locked in car|left in car|left in hot car|in hot car|stuck in car|baby in car|trapped in car",
  drowned:
    "drown*|pulled from water|pulled out of pool|out of pool|fell in pool|under water|underwater|face down in|out of the bath|swallowed pool water",
  burned:
    "burn*|scald*|boiling|hot water|hot oil|hot tea|hot coffee|kettle|soup|steam|caught fire|hot fat|fireworks",
  electric: "electrocut*|electric shock|live wire|lightning|socket shock|shock from|power line|shocked by",
  corrosive:
    "acid|bleach|caustic|chemical*|cleaner|lime|ammonia|cement|drain|glue|battery acid|lye|detergent|alkali|superglue|pepper spray",
  fire: "house fire|smoke|fire|fumes|soot|burning building",
  snake: "snake|viper|cobra|adder|rattler|rattlesnake|copperhead",
  scorpion: "scorpion|black widow|spider|jellyfish|centipede",
  animal: "dog|cat|bat|monkey|raccoon|fox|rat|squirrel|stray|animal",
  bitten: "bit|bite|bitten|stung|sting|scratch*|bites|fangs|struck|licked|attacked|nipped|got me",
  pierced:
    "stuck in|poked|pierc*|metal|nail|glass|splinter|shard|punctur*|sharp|scissors|grinder|grinding|stabbed",
  hernia: "hernia",
  other:
    "stable|stability|stabili*|moles|milestone*|forming|formed|responsible|response*|painless|closure|table|tables|presented|girl|girls|contact|section*|current|currently",
  burden:
    "nobody would miss me|no one would miss me|nobody will miss me|nobody would notice|no one would notice|anyone would notice if i|nobody would care if i|wont have to worry about me|burden to everyone|burden on everyone|burden to my|burden on my|just a burden|only a burden|everyone would be better|family would be better|kids would be better|world would be better|better if i wasnt|better if i was gone|better if i werent|better when im gone|once im gone|when im gone|if i wasnt here|if i werent here|if i disappeared|if i was gone|stopped existing|stop existing",
  edge: "bridge|roof|rooftop|ledge|railway|train tracks|window sill|windowsill|cliff|platform edge|balcony|multi storey|overpass|edge of",
  ending:
    "goodbye|bye everyone|sorry everyone|im sorry mum|sorry mum|sorry mom|its over|over for me|all over|im done|finish it|end it|ending it|jump|not coming back|not coming home|wont be coming|let go|cant do this anymore|cant do it anymore|cant take it|cant take any more|thank you for everything|look after my|take care of my|doing it tonight|im doing it|be over soon|it will be over|make it stop|want it to stop|end the pain|no way out|had enough|dont think im coming|wont come home|not going home|never coming home",
  letters:
    "written letters|wrote letters|letters to everyone|letter to my|letters for my|wrote my will|made my will|written my will|gave away my|given away my|giving away my|written to everyone|written the letters|rehomed|sorted my affairs",
  weapon: "knife|razor|blade|rope|noose|belt|gun|pills|tablets|scissors|cord",
  lockedIn: "locked himself in|locked herself in|locked himself|locked herself|barricaded|wont open door",
  stiffNeck:
    "chin on chest|chin to chest|chin down|bend head forward|tilt head forward|put head down|look down neck|move neck|bend neck|neck is so stiff|neck so sore",
  sugarFar: "@sugar",
  farewell:
    "look after the|take care of the|take care of mum|take care of mom|look after mum|look after mom|being a burden|such a burden|sorry for everything|forgive me for everything|thank you for everything|thanks for everything|wont see me again|never see me again|goodbye message|saying goodbye",
  unreachable:
    "phone is off|phones off|phone off|phone switched off|phone turned off|not picking up|wont pick up|doesnt pick up|cant reach him|cant reach her|cant get hold of|not answering calls|not answering phone|isnt answering phone|wont answer phone|straight to voicemail|nobody can find",
};
