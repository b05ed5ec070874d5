// How people put the concepts of danger signs into French words.
import type { ConceptLexicon } from "./rules.ts";

export const frConcepts: ConceptLexicon = {
  chest: "poitrine|thorax|thoracique|torse|sternum|côtes|cœur serr*|poitrail",
  head: "tête|crâne|front|tete|caboche|crane|nuque",
  face: "visage|bouche|figure|sourire|joue|paupière|lèvre",
  limb: "bras|jambe*|main|mains|pied*|doigts",
  oneSide:
    "un côté|côté gauche|côté droit|moitié corps|moitié visage|bras gauche|bras droit|jambe gauche|jambe droite|main gauche|main droite|moitié",
  throat: "gorge|langue|gosier",
  lips: "lèvres|ongles|bout des doigts|doigts",
  neck: "cou|nuque",
  belly: "ventre|abdomen|estomac|bide",
  back: "dos|omoplates|colonne|reins",
  eye: "œil|yeux|oeil",
  testicle: "testicule*|couille*|bourses|burnes",
  saddle: "entre jambes|périnée|fesses|sexe|parties intimes|essuie|entrejambe|parties génitales|vagin|pénis",
  fontanelle: "fontanelle",
  earNose: "oreille*|nez|narine*",
  jawArm: "mâchoire|bras gauche|épaule|bras",
  pain: "mal|douleur*|douloureu*|souffre|brûle|brûlure|élance*|crampe*",
  pressure:
    "serr*|pression|poids|lourd*|oppress*|écras*|étau|comprim*|broie|appui*|étreint|bloc|barre|en feu|brûle|étouffe|compress*|griffe|tenaille|quelqu un assis|assis sur|bloqu*|pince|comprime",
  worst:
    "insupportable*|atroce*|horrible*|pire|intense*|affreu*|terrible*|hurle*|plié en deux|pliée en deux|violent*|intenable|se tord|tordu de|énorme|extrême*",
  sudden:
    "soudain*|d un coup|tout à coup|brutal*|brusque*|subit*|vient de|ce matin|depuis minutes|au réveil|d un seul coup|depuis une heure|à l instant",
  sweat:
    "sueur*|transpir*|pâle|blême|livide|tout blanc|toute blanche|gris|trempé*|moite|tout gris|toute grise|transpire|dégouline|sueurs|couvert de sueur|blanc comme|pâleur|tout pâle|en nage",
  numb: "engourdi*|sens plus|paralys*|faible*|bouge plus|bouger|insensible*|fourmi*|sans force|plus de force|répond plus|mort|soulever|tenir plus|lâche*|lever|mou|ne tient|sent plus|lâchent|endormi*|marche plus|pend|ballant*|traîne|lâche tout|lâche ses affaires|tient plus|serrer la main|pas lever|plus lever|pas bouger|répond pas bras|ne répond|sent rien",
  droop:
    "travers|tord*|tomb*|affaiss*|paralys*|déform*|penche|pend|asymétrique|descend|pendante|tombante|asymétri*|coulé*|de côté|bizarre|déviée|qui tombe|qui pend|bave",
  speechLost:
    "arrive plus parler|peut plus parler|parle bizarre*|parle mal|bafouill*|bredouill*|charabia|mots incompréhensible*|trouve plus mots|parole pâteuse|dit n importe quoi|sais plus parler|mélange mots|n arrive pas à parler|articule plus|parle de travers|parle plus|comprend rien à ce qu|dit nimporte quoi|dit n importe|parle comme ivre|voix pâteuse|mâche ses mots|mange ses mots|articule mal|mots dans le désordre|mots s emmêlent|mélange ses mots|arrive pas à parler|parle en charabia|parle bizarre|comprend pas ce qu il dit|comprend pas ce qu elle dit|parler normalement",
  confused:
    "confus*|somnolen*|délir*|désorient*|incohéren*|reconnaît plus|sait plus où|dort tout le temps|divague|endormi*|propos bizarres|raconte n importe quoi|à l ouest|pas bien réveill*|même question|perdu*|amorphe|groggy|tient des propos|hallucin*|dort sans arrêt|comme ivre|très fatigué|n importe nawak|comprend plus|plus où il est|plus où elle est|dit des trucs bizarres|pas cohérent*|pas dans son état|à côté de la plaque|somnole|reconnaît pas|reconnait personne|réagit mal|ensuqué*|hébété*|bizarre dans sa tête",
  unrousable:
    "réveille pas|réveille plus|répond plus|répond pas|réagit plus|réagit pas|inconscient*|sans connaissance|perdu connaissance|perte connaissance|arrive pas à réveiller|impossible à réveiller|impossible réveiller|ouvre plus les yeux|ne bouge plus|coma|arrive pas à le réveiller|bouge plus du tout|ouvre pas les yeux|revient pas à lui|revient pas à elle|assommé*|k o|dans le coma|tape dessus|réveiller impossible|aucune réaction|reprendre conscience|perd connaissance|sans réaction|répond a rien",
  collapsed:
    "évanoui*|effondr*|écroul*|tombé* dans les pommes|tombé* par terre|perdu connaissance|syncope|tourné de l œil|fait un malaise|tombe dans les pommes",
  dizzy:
    "vertige*|malaise|tête tourne|étourdi*|nausée*|vais m évanouir|tomber dans les pommes|tourne|pas bien|faible|vais tomber",
  notBreathing:
    "respire plus|respire pas|plus de pouls|pas de pouls|arrêt cardiaque|cœur ne bat|cœur arrêté|massage cardiaque|presque plus respir*|cœur s est arrêté",
  breathless:
    "arrive pas à respirer|arrive plus à respirer|peux plus respirer|peut plus respirer|peux pas respirer|du mal à respirer|étouff*|suffoqu*|manque d air|manque air|peine à respirer|plus d air|cherche air|cherche son air|reprendre souffle|difficulté* à respirer|respirer difficile|finir phrase*|difficulté* respiratoire*|plus de souffle|je m étouffe|mal à reprendre|cherche son souffle|cherche l air|trouve plus d air|plus respirer|souffle coupé|avoir de l air|respirer correctement|mal respirer|peut plus parler|arrive plus à parler tellement|happe l air|gasp*",
  breathShort:
    "essouffl*|respire mal|respire vite|souffle court|siffl*|respir* rapide*|respir* bruyant*|halèt*|respire difficilement|respire fort|respire très|geint|respire bizarre*",
  blue: "bleu|bleue|bleus|bleues|bleuit|violet|violets|violette|violettes|bleuté*|bleuâtre",
  choking:
    "avalé de travers|coincé gorge|coincé* dans la gorge|fausse route|s étrangle avec|étouff* avec|bloqué dans la gorge|s étouffe|étouffé|étranglé avec|bouchon dans|quelque chose dans la gorge|a avalé de travers|s est étouffé",
  swell:
    "gonfl*|enfl*|ferme|se ferme|œdème|bomb*|énorme|resserr*|gonfler|gonflent|double de volume|énormes|boursouf*|tuméfi*|ballon|rétréci*",
  hives: "urticaire|plaques partout|plaques rouges|boutons partout|plaques|rougeurs partout|gratte partout",
  fit: "convuls*|épilep*|tremble partout|tremble de tout|tremble de partout|secousses|spasmes|crise d épilepsie|se raidit|fait une crise|tremblements de tout|crises à la suite|crises d affilée|plusieurs crises|crise convulsive|convulsion|tétanisé|tétanise|trembl* de partout|secoué*|raide et tremble|yeux révulsés|saccades|mouvements saccadés",
  eyesRolled:
    "yeux révuls*|bave aux lèvres|bave et tremble|bave et secoue|mousse à la bouche|yeux blancs|yeux à l envers|yeux qui partent|écume",
  ongoing:
    "minutes|arrête pas|arrête plus|s arrête pas|encore|première|jamais eu|maintenant|en train|continue|recommence|à la suite|enchaîne|toujours",
  blood: "sang|saign*|saigne|hémorragie|caillots|sanglant*",
  much: "beaucoup|énormément|partout|gicle|flots|abondant*|énorme*|plein|litres|pisse|coule|jaillit|massive*|serviette|trempé*|hémorragie|abondamment|bassine|grande quantité|inonde|pisse le sang|inondé|rouge vif|des caillots|mare de|à flot|sans discontinuer|trempe|serviettes|protections|ruisselle|jet|jets|geyser|garrot",
  unstoppable:
    "arrête pas|arrête plus|s arrête pas|cesse pas|continue|sans arrêt|arrive pas à arrêter|stoppe pas|impossible à arrêter|toujours|arrive pas à stopper|n arrête",
  coughUp: "tousse|crache|toux|tousser|cracher|craché",
  vomit: "vomi*|gerb*|rend tout|dégueul*|nausée*|régurgite",
  vomitAll:
    "vomit tout|vomi tout|garde rien|vomit vert|vomi vert|vomit bile|rend tout|ne garde rien|vomissements verts",
  blackStool: "selles noires|caca noir|goudron|marc de café|selles très noires|diarrhée noire",
  severed:
    "doigt coupé|coupé doigt|sectionn*|arraché|amput*|doigt arraché|coupé un bout du doigt|perdu un doigt|doigt tranché|main tranchée|tranché le doigt|tranché la main|tranché un doigt",
  stabbed:
    "poignard*|coup de couteau|balle dans|tiré dessus|coups de couteau|planté un couteau|reçu une balle|blessé par balle|pris un coup de couteau",
  tearing: "déchir*|arrach*|coup de poignard|transperc*",
  fever:
    "fièvre|fiévreu*|@fever|température|brûlant*|fievre|brûle de fièvre|bouillant|chaud bouillant|fiévre|40 de|39 de|40 degrés|39 degrés|très chaud",
  shiver: "frisson*|grelott*|trembl*|claque des dents|froid",
  limp: "mou|molle|toute molle|tout mou|amorphe|léthargi*|poupée de chiffon|sans tonus|apathique|réagit peu|inerte|comme une poupée|tient plus sa tête|ne réagit|sans force|ne tient plus",
  noFeed:
    "tète plus|tète pas|refuse le biberon|refuse biberon|refuse sein|boit plus|boit pas|refuse de boire|mange plus|mange pas|veut plus boire|prend plus|refuse de téter|veut pas téter|veut plus téter|mange rien|refuse ses biberons|ne boit",
  noUrine:
    "pas de pipi|pas fait pipi|urine plus|pas uriné|couche sèche|couches sèches|arrive pas à uriner|peux plus uriner|arrive plus à uriner|n urine|peux pas uriner|arrive plus à faire pipi|pipi depuis|uriner impossible|pisse plus|arrive plus à pisser",
  sunken: "yeux creux|yeux creusés|yeux enfoncés|creusés|fontanelle creuse|yeux cernés creux",
  ribsIn:
    "côtes creus*|creus* côtes|tirage|côtes qui rentrent|ventre qui rentre|côtes rentrent|se creuse quand|thorax se creuse|voit ses côtes|voit les côtes",
  spots:
    "taches|boutons|points|éruption|plaques|pétéchies|tâches|tache|marques|petits points|rougeurs|bouton",
  purple:
    "violet*|pourpre*|effacent pas|disparaissent pas|s efface pas|partent pas|verre|bleus|rouge foncé|efface pas|appuie|violacé*|quand j appuie|quand on appuie|appuyer|sous le verre|verre dessus|lie de vin|ne s effacent|ne disparaissent|restent quand",
  stiff: "raide*|raideur|bloqué*|plier|rigide|fléchir|tourner pas|peut pas baisser",
  light:
    "lumière|supporte pas lumière|jour lui fait mal|photophobie|reste dans le noir|lumiere|lampe|volets|écran|soleil lui|éblouit|éteindre",
  mottled:
    "marbr*|mains froides|cœur qui bat vite|cœur bat très vite|respire très vite|extrémités froides|teint gris|peau froide|mains glacées|cœur qui s emballe",
  hard: "dur|dure|rigide|bois|pierre|béton|rentre plus|coincé*|contracté",
  noStool:
    "pas de selles|ni selles|plus de gaz|pas de gaz|ni gaz|va plus à la selle|plus de selles|pas allé à la selle|plus caca",
  rightLow:
    "bas à droite|en bas droite|droite en bas|fosse iliaque|bas ventre droit|côté droit du ventre|ventre à droite|bas du ventre à droite",
  clearFluid:
    "liquide clair|liquide transparent|eau coule|liquide coule|eau claire|liquide qui coule|liquide sort",
  blind:
    "vois plus|voit plus|aveugle|perdu la vue|perdu vue|perte de la vue|perte vision|noir devant|plus rien voir|vision disparu|vois rien|plus de vision|tout noir",
  vision:
    "flou|floue|trouble|mouches|étoiles|taches devant|éclairs|vois double|voit double|halos|lumineu*|brouillée|scintill*|points lumineux|brouillard",
  curtain: "rideau|voile|ombre|éclairs|flashs|mouches volantes|corps flottants|flashes|tache noire",
  leak: "fait pipi dessus|pisse dessus|incontinen*|contrôle plus|perdu contrôle|urine dessus|retiens plus|fuites urinaires|fais dessus|retenir plus|pipi dessus|me pisse",
  fruity: "haleine pomme|haleine fruit*|acétone|affiche hi|cétone*|pomme pourrie|hi",
  thirst: "soif|boit arrêt|boit énormément|boit des litres|boit tout le temps|boit beaucoup",
  weightLoss: "maigri*|perdu poids|perd du poids|amaigri*|perdu kilos",
  thunderclap:
    "pire mal de tête|pire douleur de ma vie|coup de tonnerre|mal de tête de ma vie|tête qui explose|tête explose|coup de massue|céphalée brutale|mal de tête foudroyant|mal de crâne de ma vie",
  who: "père|mère|papa|maman|mari|femme|il|elle|mamie|papi|papy|grand|ami|amie|fils|fille|frère|sœur|enfant|bébé|copain|copine|collègue|voisin*|oncle|tante|quelqu|homme|dame|pote|conjoint|compagnon|compagne|ado|garçon|gamin*|époux|épouse|beau|belle|mémé|pépé|monsieur|tonton|tata|cousin*|belle mère|beau père|nièce|neveu|locataire|colocataire|client|passager|ma petite|mon petit|mon ado",
  child:
    "enfant*|bébé*|fils|fille|petit|petite|nourrisson|gamin*|garçon|fillette|loulou|puce|gosse|petit fils|neveu|nièce|bb|ptit|mois",
  newborn: "nouveau né|nouveau nés|@infant|jours de vie|prématuré|né il y a|née il y a|nouveauné",
  everyone:
    "tous|toute la famille|on est tous|tout le monde|les enfants aussi|nous tous|toutes|famille|chien aussi|à la maison",
  partner: "mari|copain|compagnon|conjoint|femme|copine|ex|père|mère|beau père|il|me|m|mon fils|mec",
  pregnant:
    "enceinte|grossesse|sa|semaines d aménorrhée|test positif|mois de grossesse|semaines de grossesse|retard de règles",
  birth: "accouch*|césarienne|post partum|fausse couche|naissance|né le|accouchement",
  fetusStill:
    "bébé bouge plus|bébé bouge moins|sens plus bébé|sens plus bouger|bouge plus ventre|ne bouge plus dans|plus de mouvements|sens moins bébé|bougé depuis|sens pas bouger|bébé ne bouge|bébé pas bougé|moins de mouvements|sens plus le bébé",
  waters:
    "perdu les eaux|poche des eaux|rupture poche|perds les eaux|perds du liquide|liquide coule|poche rompue|liquide vert|poche percée",
  cord: "cordon sort|vois cordon|cordon dépasse|cordon qui|sens le cordon",
  diabetic: "diabét*|diabète|insuline|glycémie|sucre|lecteur|hypo|@sugar",
  allergen:
    "cacahuète*|arachide*|noix|noisette*|crevette*|fruits de mer|guêpe|abeille|frelon|piqu*|pénicilline|amoxicilline|antibiotique*|allerg*|cajou|vaccin|crustacé*|œuf|médicament|poisson|kiwi|sésame|anaphyla*|injection|crabe|amandes|abeilles|guêpes|arachides|cacahuete|lait|fraises|fruits à coque|moules|huîtres|langouste|gambas|ibuprofène|antibio|sulfamide|latex|produit de contraste",
  inhaler: "ventoline|inhalateur|spray|asthme|asthmatique|bouffées|nébuliseur|aérosol",
  useless:
    "marche pas|marche plus|fait rien|sans effet|soulage pas|effet|passe pas|pire|aide pas|vide et|crise|fonctionne pas|suffit pas|suffit plus|fait plus rien|change rien|rien à faire|ne fait rien|n agit plus|n agit pas|change pas|ne suffit|toujours pas|sans résultat",
  swallow:
    "aval*|bu|boit|bois|boire|pris|prend|mang*|ingér*|ingurgit*|croqu*|gob*|gobé|sucé|léché|prises|bouche|descendu",
  poison:
    "javel|détergent|désherbant|pesticide|lessive|mort aux rats|antigel|déboucheur|essence|pétrole|acide|soude|produit ménager|produit vaisselle|white spirit|poison|insecticide|champignon*|baies|ammoniaque|dissolvant|méthanol|raticide|produit nettoyant|pastille lave vaisselle|produit toilettes|gel hydroalcoolique|nettoyant|détartrant|térébenthine|huile essentielle|muguet|dosette|capsule de lessive|eau de javel|acétone|produit|plante|débouche*|débouche évier|canard wc|décapant|liquide lave glace|antirouille|liquide vaisselle|anti moustique|anti limace*|granulés|pastille wc|engrais|huile de lampe|allume feu|eau oxygénée|parfum|vernis|if|laurier rose|digitale|cigarette*|nicotine|alcool à brûler|lave glace|gaz|destop|cillit|ajax|vanish|harpic|domestos|st marc|mir|sun|antikal|viakal|round up|roundup|baygon",
  pills:
    "comprim*|cachet*|pilule*|doliprane|paracétamol|médoc*|médicament*|somnifère*|xanax|gélule*|anxiolytique*|antidépresseur*|lexomil|ibuprofène|aspirine|efferalgan|tramadol|valium|fer|bonbons au cannabis|codéine|insuline|traitement|benzos|anxio|antidouleur*|codoliprane|zolpidem|stilnox|imovane|seresta|propranolol|neuroleptique*|traitement de|bêtabloquant*|levothyrox|advil|dafalgan|temesta|atarax|comprimes|sirop|doli",
  many: "boîte|boîtes|plaquette*|tube|tous|toute|toutes|trop|plein|poignée|20|25|30|40|50|60|vingt|trente|quarante|flacon|dizaine*|beaucoup|vingtaine|trentaine|tout|15|12|16|quinze|stock|paquet|entière|entier|vidé|totalité|deux boîtes|trois boîtes|tablette|70|80|90|100|35|45|double dose|pleins de|paquets|plein de|ce qui restait",
  overdose: "overdose|surdose|surdosage|pris trop de médicament*|intoxication médicament*",
  battery: "pile|piles|aimant*|bouton pile",
  heater:
    "poêle|chaudière|chauffage|brasero|groupe électrogène|cheminée|barbecue|chauffe eau|réchaud|charbon|gazinière",
  monoxide: "monoxyde|fuite de gaz|odeur de gaz|sent le gaz|détecteur co",
  drug: "héroïne|héro|opioïde*|morphine|méthadone|fentanyl|drogue|coke|cocaïne|ghb|s est piqué|seringue|overdose|shoot*|came",
  badAlcohol: "alcool frelaté|alcool maison|méthanol|alcool artisanal|fausse vodka|alcool de contrebande",
  dieWish:
    "envie de mourir|veux mourir|voudrais mourir|veux plus vivre|plus envie de vivre|en finir|envie d en finir|plus me réveiller|pas me réveiller|plus de raison de vivre|fatigué* de vivre|mieux sans moi|vie vaut plus|plus la force de vivre|veut mourir|disparaître|plus être là|vie a plus de sens|vie n a plus de sens|peux plus continuer|arrêter de vivre|ne plus exister|préférerais être mort*|que tout s arrête|marre de vivre|marre de la vie|sert à rien de vivre|mieux mort*|m endormir pour toujours|être mort*|être morte|sans moi|crever|plus goût à la vie|plus le goût de vivre|ne plus me lever|plus me lever|plus envie d être là|envie de disparaître|partir pour toujours|plus rien qui me retient|rien ne me retient|plus envie de rien|plus goût à rien|dormir et ne plus|marre d exister|plus la force de continuer|veux partir|envie de partir|ne veux plus être|plus envie de continuer|à quoi bon vivre|plus de raison d être",
  killSelf:
    "me tuer|me suicider|suicid*|me pendre|me jeter sous|me jeter du|me foutre en l air|mettre fin à mes jours|mettre fin à ma vie|me tirer une balle|m ouvrir les veines|se tuer|se suicider|se pendre|sauter du pont|sauter par la fenêtre|sauter du toit|mettre fin à ses jours|se jeter|m ôter la vie|se foutre en l air|sauter du balcon|tailler les veines|avaler tous mes|tout avaler|me balancer|se tirer une balle|me flinguer|me supprimer|passer à l acte|faire une bêtise|faire une connerie|sauter dans le vide|se supprimer|va sauter|veut sauter|menace de sauter|me laisser mourir|prendre tous mes cachets|ouvrir les veines|ôter la vie",
  plan: "soir|ce soir|maintenant|cette nuit|préparé|corde|arme|fusil|cachets|médicaments|pont|prêt|prête|lettre|vais|j ai tout|demain|couteau|lame|fenêtre|enfermé*|menace|dit qu|toit|balcon|tenté|essayé|rails|devant moi|planifié|aujourd hui|bientôt|adieu|stock*|avalé",
  goodbye:
    "lettre d adieu|lettre adieu|dit adieu|message d adieu|mot d adieu|fait mes adieux|adieu à tous|mes adieux|mots d adieu",
  selfHarm:
    "scarifi*|automutil*|me couper|me coupe|me mutile*|me fais du mal|me suis coupé*|se scarifie|se coupe les|se mutile|se fait du mal|me taillade*|me blesse exprès|me brûle exprès|entaille* les bras",
  voices: "voix|entends|démon*",
  harm: "tuer|mal|sauter|frapper|mourir|poignarder|blesser|étouffer",
  strangled:
    "étrangl*|serré le cou|serré la gorge|serre le cou|mains autour du cou|serre la gorge|pris à la gorge|mains sur la gorge|serrait la gorge|étranglait|m étrangle|pouce sur la gorge|attrapé par la gorge|soulevé par le cou",
  raped:
    "viol|violé|violée|violer|abusé de moi|abusé d elle|agressé* sexuellement|agression sexuelle|drogué* et|forcée à coucher|a abusé|forcé* à coucher|attouchements",
  threat:
    "menace de me tuer|va me tuer|veut me tuer|menace de mort|menace avec|menace* tuer|me tuera|nous tuer|il a un couteau|a une arme|il a un fusil",
  beats:
    "frappe|frappé*|bat|battu*|tape|tapé*|cogne|cogné*|coups|gifle*|violent|maltrait*|tabass*|pousse|brutalis*|lève la main",
  touched:
    "touche mes parties|touché* mes parties|touche* sexe|attouchement*|touche* secret|vient dans ma chambre|touche là où|caresse* ma fille|touche bizarrement|me touche",
  infection:
    "infect*|pneumonie|plaie|cystite|urinaire|abcès|pus|purulent*|sent mauvais|pertes malodorantes|pue|cellulite|sonde",
  chemo: "chimio*|greffe|greffé*|aplasie|leucémie|immunodéprimé*|sans rate|lymphome",
  surgery: "opér*|opération|chirurgie|césarienne|cicatrice|ivg|avortement|points de suture|accouchement",
  hit: "tomb*|chute|chuté|cogn*|choc|coup|heurt*|frapp*|accident|percut*|renvers*|glissé*|tapé*|traumatisme|vélo|escalier|sur la tête|assommé*|dégringol*|cogner|s est pris|gadin|gamelle|trottinette|tombé de|percuté",
  thinner:
    "anticoagulant*|fluidifi*|previscan|eliquis|xarelto|aspirine|sang fluide|kardegic|sintrom|avk|plavix|coumadine",
  sunHeat: "soleil|chaleur|canicule|marathon|insolation|plein soleil|sauna|footing",
  lockedCar:
    "enfermé* voiture|oublié* voiture|laissé* voiture|dans la voiture au soleil|coincé* voiture|voiture fermée",
  drowned:
    "noyé*|noyade|noie|sous l eau|sorti* eau|tombé* piscine|tombé* dans l eau|tombé* dans la piscine|bu la tasse|repêché*|sorti* de la piscine|failli se noyer",
  burned:
    "brûl*|ébouillant*|bouillant*|huile chaude|eau chaude|huile bouillante|café brûlant|flammes|vapeur|friteuse",
  electric:
    "électrocut*|décharge électrique|pris le courant|électris*|choc électrique|pris le jus|prise électrique|foudroy*|ligne électrique|haute tension|coup de jus",
  corrosive:
    "acide|javel|soude|produit chimique|produit ménager|produit d entretien|chaux|ammoniaque|chimique|ciment|déboucheur|colle|lessive|détartrant|détergent|spray au poivre|dosette",
  fire: "incendie|fumée*|feu|flammes",
  snake: "serpent|vipère|cobra|couleuvre",
  scorpion: "scorpion|veuve noire|araignée|méduse|vive|mygale",
  animal: "chien|chat|chauve souris|singe|renard|rat|animal|chienne|rongeur",
  bitten: "mord|mordu*|mordue|morsure|piqu*|griff*|morsures|léché",
  pierced: "planté*|perforé|éclat|métal|clou|verre|percé|coup de ciseaux|meul*|enfoncé|crevé|pointe|ciseaux",
  hernia: "hernie",
  other:
    "pendant|connu*|signe*|electrique*|electrical|section|sections|cours|concern|courante|projet|stable|stabilité|forme|formes|centre|créer|créé*|étranger*|étrangère*|étrangement|tranches|tranche|triage|articul*",
  burden:
    "mieux sans moi|ira mieux sans moi|iront mieux sans moi|seraient mieux sans moi|seront mieux sans moi|personne me regretterait|personne ne me regrettera|je manquerai à personne|manquerais à personne|un poids pour tout|un poids pour ma|un poids pour mes|suis un poids|suis un fardeau|fardeau pour|si je n étais plus là|quand je serai plus là|quand je ne serai plus|si je disparaissais|tout le monde ira mieux|ça changerait rien si",
  edge: "pont|toit|balcon|rebord|rails|voie ferrée|fenêtre|falaise|parapet|viaduc",
  ending:
    "adieu|pardon à tous|pardonnez moi|désolé pour tout|désolée pour tout|c est fini pour moi|fini pour moi|c est fini|je saute|sauter|tout arrêter|que ça s arrête|ça s arrête|en finir|plus la force|peux plus|prenez soin de|occupez vous de|merci pour tout|je vous aime|c est la fin|bientôt fini|plus jamais|plus d issue|reviendrai pas|ce soir c est",
  letters:
    "écrit des lettres|écrit une lettre|lettre à mes|lettres à|lettre pour mes|fait mon testament|écrit mon testament|donné mes affaires|tout rangé|mis mes papiers en ordre|tout est prêt pour",
  weapon: "couteau|lame|rasoir|corde|ceinture|arme|fusil|pistolet|cachets|médicaments|cutter|comprimés",
  lockedIn:
    "s est enfermé*|s enferme|enfermé* dans la salle|enfermé* dans sa chambre|veut pas ouvrir|ouvre plus la porte",
  stiffNeck:
    "pencher la tête en avant|baisser la tête|plier la nuque|plier le cou|bouger la nuque|bouger le cou|tourner la tête|menton sur la poitrine|nuque bloquée|fléchir la tête",
  sugarFar: "@sugar",
  farewell:
    "adieu|prenez soin de|prends soin de|occupe toi de|occupez vous de|pardon pour tout|désolé pour tout|désolée pour tout|merci pour tout|un poids pour|me reverrez|message d adieu",
  unreachable:
    "répond plus|répond pas au téléphone|téléphone éteint|téléphone coupé|injoignable|tombe sur messagerie|décroche plus|décroche pas|introuvable|portable éteint",
};
