// How people put the concepts of danger signs into Spanish words, of Spain and of Latin America.
import type { ConceptLexicon } from "./rules.ts";

export const esConcepts: ConceptLexicon = {
  chest: "pecho|tórax|esternón|costillas|torax|corazón",
  head: "cabeza|cráneo|frente|craneo|coco",
  face: "cara|boca|rostro|sonrisa|mejilla|párpado",
  limb: "brazo*|pierna*|mano*|pie|pies|dedos|bracito",
  oneSide:
    "un lado|lado izquierdo|lado derecho|media cara|mitad cuerpo|medio cuerpo|brazo izquierdo|brazo derecho|pierna izquierda|pierna derecha|mano derecha|mano izquierda|la mitad|medio lado",
  throat: "garganta|lengua|gaznate",
  lips: "labios|uñas|dedos|labio|boca",
  neck: "cuello|nuca",
  belly: "vientre|abdomen|barriga|panza|estómago|tripa|guata|pancita",
  back: "espalda|omóplato*|columna|cintura|lomo|lumbar",
  eye: "ojo|ojos|vista|ojito",
  testicle: "testículo*|huevo|huevos|bolas|escroto|cojón|cojones|genitales",
  saddle:
    "entrepierna|entre piernas|nalgas|genitales|limpiarme|partes íntimas|ingle|pene|vagina|me limpio|trasero|ahí abajo",
  fontanelle: "mollera|fontanela",
  earNose: "oído|oreja|nariz",
  jawArm: "mandíbula|quijada|brazo|hombro|brazo izquierdo",
  pain: "duel*|dolor*|punzad*|ardor|arde|molestia|lastima|doliendo|dolió|pinchazo*",
  pressure:
    "apriet*|apret*|opres*|presión|peso|pesad*|aplast*|comprim*|estruj*|sentad*|ladrillo|losa|encima|cincho|cinturón|aprieta|opresión|peso encima|elefante|faja|me aplasta|quemazón|fuego|ardor|pes*",
  worst:
    "insoportable*|horrible*|terrible*|intens*|peor|fortísim*|atroz|brutal|gritando|no aguant*|tremend*|muchísimo|retorc*|retuerce|fuertísim*|espantos*|doblad*",
  sudden:
    "de repente|de golpe|de pronto|súbit*|repentin*|esta mañana|acaba de|hace minutos|hace un rato|al despertar|de la nada|se levantó|amaneció|hace una hora|derrepente|bruscamente|recién",
  sweat:
    "sud*|pálid*|palid*|gris|empapad*|blanc*|sudor*|helad*|blanc* como|descolorid*|empapad* en sudor|sudando frío|transpir*|frío sudor",
  numb: "adormec*|dormid*|paraliz*|débil*|entumec*|hormigue*|no siente|no siento|no puede mover|no puedo mover|no mueve|no muevo|sin fuerza*|no responde|no puede levantar|no puedo levantar|se le cae|se me cae|se me caen|no tengo fuerza|muert*|flojas|fallan|no le responde|se me duerme|se doblan|acalambr*|no la siento|no me responde|cuelga|colgand*|arrastra*|se le cae todo|no la puede levantar|no levanta|tullid*|acalambrad*|aflojó|no aprieta|no agarra|entumid*",
  droop:
    "chuec*|torcid*|torci*|caíd*|desviad*|colg*|de lado|se le fue|ladead*|cuelga|cayó|jalada|cay*|colgad*|jalad*|se fue de lado|dispareja|gotea|baba",
  speechLost:
    "no puede hablar|no habla bien|habla raro|habla mal|arrastra palabras|arrastra las palabras|enreda lengua|no se entiende habla|no se le entiende|balbuce*|no le salen palabras|no salen palabras|lengua trabada|dice cosas sin sentido|no puedo hablar|habla enredado|se le traba|no le entiendo|habla trabado|habla como borrach*|habla arrastrado|no me salen|trabalengua|habla incoherente|perdió el habla|no articula|no logra hablar|habla pastoso|enreda* palabras|palabras enreda*|se le enredan|se me enredan|se me traba|traba lengua|lengua pesada|no se entiende lo que|no le entend*|habla como borracho|no le salen las palabras|no me salen las palabras|no puede hablar bien|balbucea|no coordina lo que",
  confused:
    "confundid*|confus*|somnolient*|desorientad*|delir*|incoheren*|aletargad*|letárgic*|no reconoce|no sabe dónde|muy dormid*|disparates|perdid*|ido|ida|desvaría|alucin*|no conoce|no se acuerda|misma pregunta|muy sueño|mucho sueño|cosas raras|adormilad*|como borrach*|atontad*|no coordina|dormid*|no recuerda|habla incoherencias|no está en sí|no sabe lo que dice|dice incoherencias|como borracho|desubicad*|no me conoce|pregunta lo mismo|delirando|dice cosas|responde mal|no responde bien|amodorrad*|soñolient*",
  unrousable:
    "no despierta|no reacciona|no responde|inconsciente|perdió conocimiento|perdió el conocimiento|sin conocimiento|no vuelve en sí|no abre ojos|no abre los ojos|no contesta|no se despierta|no puedo despertar*|no logro despertar*|inconciente|no lo puedo despertar|no la puedo despertar|coma|no logramos despertar*|no recobra|no hay manera de despertar*|perdió el sentido|sin sentido|noquead*|no vuelve|desvanec*|como dormido y no|quedó privad*",
  collapsed:
    "desmay*|desplom*|cayó redondo|se cayó al suelo|colaps*|cayó al piso|perdió el sentido|se desvaneció|desvanec*|cayó al suelo|le dio un patatús|tirado en el piso|tirado en el suelo",
  dizzy:
    "mare*|náusea*|desmay*|débil|vértigo|atarantad*|me voy a desmayar|se me va la|me siento mal|aturdid*|vahído*",
  notBreathing:
    "no respira|no está respirando|dejó de respirar|sin pulso|no tiene pulso|paro cardíaco|paro cardiaco|no le late|casi no respira|apenas respira|no le encuentro pulso|no le siento el pulso",
  breathless:
    "no puedo respirar|no puede respirar|falta el aire|falta aire|me ahogo|se ahoga|ahogando|ahogándose|asfixi*|no entra aire|no entra el aire|cuesta respirar|no alcanzo respirar|trabajo respirar|dificultad para respirar|dificultad respirar|faltando el aire|boque*|no agarra aire|no agarro aire|sin aire|jalando aire|sofoc*|batalla para respirar|costando respirar|no puedo respirr|no termina frases|terminar una frase|hambre de aire|respirar bien no|jala aire|jala con|busca aire|le falta el aire|le falta aire|no jala aire|no alcanza el aire|no le entra|respira con trabajo|respira con dificultad|no puede ni hablar|no puede hablar de|quedo sin aire|se queda sin aire|puedo respirar bien|puedo respirar|puede respirar",
  breathShort:
    "respira rápido|respira mal|respira raro|agitad*|silbid*|silba*|pecho silba|jade*|pujid*|quejid*|respira muy|respira fuerte|respira agitado|respirando rápido|respirando muy|pita*|resuello|ronc*",
  blue: "azul|azules|morad*|amoratad*|azulad*|violet*",
  choking:
    "atragant*|ator*|se le atoró|atravesad* garganta|se le fue por otro lado|se está ahogando con|se ahoga con|pegado en la garganta|trabado en la garganta|atorad* en la garganta|se atoró con|se ahogó con|se fue por otro lado|no puede toser|se traga y",
  swell:
    "hinch*|inflam*|cierra|cerrando|cerró|abultad*|enorme|inflad*|apretando|hinchad*|se le cierra|se me cierra|cerrand*|doble de tamaño|globo|desfigurad*",
  hives:
    "ronchas|urticaria|sarpullido|salpullido|habones|manchas rojas por todo|roncha|granos por todo|picazón en todo",
  fit: "convuls*|epilep*|ataque epilép*|sacud* todo|sacudiendo|tiembla todo el cuerpo|se sacude|temblando todo|espasmos|se puso tieso|tieso|temblores fuertes|sacudidas|tiembla entero|ataque de|tembladera|espasm*|se puso tieso y|le dio un ataque|se estremece|brincos",
  eyesRolled:
    "ojos en blanco|ojos blanco|espuma por la boca|espuma boca|babeando|echa espuma|ojos volteados|ojos para atrás|voltea los ojos|espumarajo",
  ongoing:
    "no para|minutos|sigue|ahora|primera|otra vez|nunca|todavía|está|dio|tuvo|no se le quita|seguid*|repite|lleva",
  blood: "sangr*|hemorragia|coágulos|desangr*|sangrado",
  much: "mucha|mucho|muchísima|chorro*|chorros|montón|litros|por todos lados|empap*|abundante*|borbotones|toalla|demasiad*|charco|exceso|bastante|a mares|harta|harto|grandes|llen*|encharc*|profus*|caño|cantidad|borbotón|a borbotones|brota|brotando|gotea|sale mucha|toallas|sábanas|se desangra|bañad*|roja viva|coágulo*|por montones|salpic*|manguera|torniquete",
  unstoppable:
    "no para|no deja|no se detiene|no cede|no se le corta|no puedo parar|no paro|no logro parar|sin parar|no dejo|no logramos parar|no se corta|sigue|no hay forma de parar|no cesa",
  coughUp: "tose|tosiendo|escup*|tos|tosió|esput*",
  vomit: "vomit*|vómito*|devuelv*|devolv*|arroj*|guacar*|náuseas|gomit*",
  vomitAll:
    "vomita todo|no retiene nada|no tolera nada|vomita verde|vómito verde|devuelve todo|todo lo vomita|no le para nada|vomita hasta el agua|todo lo que come lo vomita|no le queda nada en el|vomita bilis",
  blackStool:
    "popó negr*|heces negr*|caca negr*|negro alquitrán|chapopote|deposiciones negr*|posos de café|caga negro|excremento negro|evacuo negro|cuncho de café|borra de café|heces como alquitrán",
  severed:
    "cortó dedo|cortó el dedo|dedo cortado|amput*|arrancó dedo|arrancó la|cercen*|voló dedo|voló el dedo|rebanó dedo|rebanó el dedo|perdió el dedo|mochó",
  stabbed:
    "apuñal*|puñalad*|balazo*|disparo|dispararon|baleado|navaj*|cuchillad*|herido de bala|acuchill*|machetazo|le dieron un tiro|tiroteo",
  tearing: "desgarr*|rompiera|partiera|rasg*|arranc*|puñal",
  fever:
    "fiebre*|calentura|@fever|temperatura|hirviendo|ardiendo|caliente|ardiendo en|39|40|fiebron|fiebr*|temperatura alta|muy caliente|hirviendo en",
  shiver: "escalofrío*|tirit*|tembl*|tiembl*|frío",
  limp: "flojit*|flácid*|como trapo|aguadit*|aguad*|sin fuerza*|letárgic*|aletargad*|decaíd*|como muñec*|desguanzad*|lacio|apagad*|no reacciona|sin ánimo|caidito|sin tono|como muñeco|no sostiene la cabeza|no sostiene|aguado|apagadito|desvanecido",
  noFeed:
    "no mama|no come|no quiere comer|no quiere mamar|no quiere pecho|no bebe|no quiere beber|no succiona|rechaza biberón|rechaza leche|no quiere tetero|no quiere leche|no toma leche|no quiere tomar|no agarra pecho|rechaza pecho|no quiere el pecho|no quiere biberón|rechaza el biberón|rechaza el pecho|no toma nada|no agarra el pecho|no chupa|no toma pecho",
  noUrine:
    "no orina|no ha orinado|no hace pipí|no hace pis|pañal seco|no moja pañal|sin orinar|no puedo orinar|no puede orinar|no ha hecho pipí|no ha hecho pis|no mea|no logro orinar|no me sale la orina|no hizo pis|no moja|pañales secos|no puedo hacer pis|no puedo mear",
  sunken: "ojos hundid*|ojitos hundid*|hundid*|mollera hundida",
  ribsIn:
    "costillas hund*|hund* costillas|marcan costillas|marcan las costillas|mete* costillas|hunde el pecho|pecho hunde|retraccion*|se le hunde|se le meten las costillas|se le ven las costillas|hunde la pancita",
  spots:
    "manch*|puntos|ronchas|pintas|granos|petequias|moretones|puntitos|manchit*|puntit*|moretit*|pecas|salpullido",
  purple:
    "morad*|púrpura*|no se quitan|no desaparec*|no se van|vaso|rojo oscuro|no se borran|no se blanquean|apretar|violáce*|aprieto|al apretar*|al presionar|no se quita al|no desaparecen al|bajo el vaso|vino|moradit*|no palidec*",
  stiff: "ties*|rígid*|dur*|no puede doblar|no dobla|no puede bajar|no puedo mover|engarrot*",
  light:
    "luz|molesta la luz|le molesta luz|luces|claridad|cuarto oscuro|foco|lámpara|persianas|sol le|claridad le|pantalla",
  mottled:
    "piel manchada|manos frías|corazón a mil|respira muy rápido|corazón acelerado|taquicardia|jaspead*|piel fría|pulso acelerado|moteada|pies helados",
  hard: "dur*|rígid*|tabla|piedra|no entra|no se mete|ties*|contraíd*",
  noStool:
    "no hace popó|ni gases|no evacu*|no obra|no tira gases|no pedos|no va al baño|sin evacuar|no defec*|no hago popó|no hago del dos|no expulso gases|sin gases",
  rightLow:
    "abajo a la derecha|parte baja derecha|lado derecho vientre|lado derecho abdomen|bajo derecho|derecha abajo|fosa ilíaca|lado derecho de la panza|lado derecho de la barriga|lado derecho del abdomen|inferior derech*",
  clearFluid: "líquido claro|líquido transparente|agüita|agua clara|sale líquido|sale agua|líquido como agua",
  blind:
    "no veo|no ve|perdí vista|perdí la vista|ciego|ciega|perdió vista|perdió la vista|perdí visión|perdí la visión|todo negro|se me apagó la vista|se me nubló toda|dejé de ver|dejó de ver|quedé sin vista|oscureció la vista",
  vision:
    "borros*|lucecitas|luces|visión|destellos|veo doble|ve doble|estrellitas|halos|nublad*|manchas en la vista|chispitas|puntitos brillantes|moscas|veo puntos|veo estrellas|nubla",
  curtain:
    "cortina|sombra|velo|destellos|moscas volantes|flashes|telón|relámpagos|manchas flotando|mancha negra",
  leak: "se me sale la orina|se me sale el pipí|incontinen*|no controlo|perdí control|me orino|me hago encima|se me escapa|esfínter*|no aguanto orina|me hice encima|no siento cuando orino|me meo encima",
  fruity:
    "aliento fruta|acetona|dice hi|marca hi|cetona*|afrutado|frutal|aliento dulce|aliento manzana|huele a fruta|hi",
  thirst: "sed|toma muchísima|toma mucha agua|bebe mucho|bebe mucha|agua todo el día",
  weightLoss: "bajó peso|bajado de peso|adelgaz*|perdió peso|enflac*|perdido peso|flaquísim*|flaco|flaca",
  thunderclap:
    "peor dolor de cabeza|peor dolor de mi vida|dolor de cabeza de mi vida|explotó cabeza|cabeza explota|explotar la cabeza|estalla la cabeza|dolor de cabeza explosivo|dolor de cabeza repentino|trueno en la cabeza",
  who: "papá|mamá|padre|madre|esposo|esposa|marido|mujer|él|ella|abuel*|amig*|hijo|hija|hermano|hermana|niñ*|bebé|novio|novia|vecin*|tío|tía|compañer*|señor|señora|alguien|suegr*|primo|prima|viejo|viejito|viejita|papi|mami|nieto|nieta|jefe|hombre|cuñad*|chico|chica|pareja|yayo|yaya|nene|nena|muchach*|yerno|nuera|sobrin*|compadre|comadre|pasajero|cliente|alumn*|abuelo|abuela|padrastro|madrastra|bisabuel*|herman*|cuidad*|anciano|peque",
  child:
    "bebé*|niñ*|hijo|hija|nene|nena|chiquit*|criatura|niet*|sobrin*|guagua|chamac*|bb|peque|pequeñ*|hijit*|lactante|crío|wawa|chavito|chiquill*",
  newborn: "recién nacid*|@infant|recien nacid*|neonato|días de nacid*|semanas de nacid*",
  everyone: "todos|toda la familia|familia|todas|los niños también|en casa|la casa|el perro también|estamos",
  partner: "esposo|marido|novio|pareja|ex|esposa|papá|padrastro|mamá|él|me|hijo|padre|suegra",
  pregnant:
    "embaraz*|gestación|gestante|semanas de embarazo|meses de embarazo|prueba positiva|encinta|preñada|test positivo|retraso regla|de encargo",
  birth: "parto|parí|di a luz|dio a luz|cesárea|posparto|postparto|aborto|legrado|alivié|me alivié|parir",
  fetusStill:
    "bebé no se mueve|no se mueve bebé|no siento bebé|no siento al bebé|no siento a mi bebé|dejó de moverse|bebé se mueve menos|no siento movimientos|no siento pataditas|no me patea|no patea|no siento que se mueva|ya no se mueve|no siento moverse|se mueve poco|no ha pateado|no he sentido al bebé|no se ha movido",
  waters:
    "rompí fuente|rompió fuente|rompí aguas|rompió aguas|se me rompió bolsa|se me rompió la bolsa|fuente rota|se me salió el líquido|se me salió el agua|perdiendo líquido|rompió la bolsa|rompí la bolsa|líquido verde|se me rompió la fuente|pierdo líquido",
  cord: "cordón sale|veo cordón|cordón asoma|salió cordón|salió el cordón|cordón afuera|se ve el cordón|cordón umbilical sal*",
  diabetic: "diabét*|diabetes|insulina|glucosa|azúcar|glucómetro|hipogluc*|@sugar|glucemia",
  allergen:
    "cacahuate*|maní|nuez|nueces|mariscos|camarones|camarón|avispa|abeja|avispón|penicilina|amoxicilina|antibiótico|alerg*|pescado|huevo|picó|vacuna|inyec*|almendras|gambas|anafila*|kiwi|frutos secos|medicina nueva|medicamento|langostinos|ibuprofeno|cangrejo|ajonjolí|avispas|abejas|picadura|pulpo|langosta|fresas|leche|marisco|látex|diclofenaco|dipirona|sulfa|cacahuates|almeja*|antibióticos",
  inhaler: "inhalador|salbutamol|asma|nebuliz*|ventolín|bombita|puf|asmátic*",
  useless:
    "no sirve|no funciona|no hace nada|no le hace|no me hace|no ayuda|no mejora|peor|ataque|crisis|vacío|no calma|no le alivia|ni con|no alivia|no se le quita|acabó|no le funciona|ya no le|no hizo nada|no le hizo|no sirvió|sin efecto|se terminó|disparos|ya no funciona|ni así",
  swallow:
    "trag*|tom*|beb*|comi*|come|comió|ingir*|ingest*|mordi*|chup*|lamió|boca|masticó|metió|pastillas tom*|empinó|comido",
  poison:
    "cloro|lejía|detergente|veneno|insecticida|pesticida|gasolina|queroseno|raticida|matarratas|limpiador|desatascador|sosa|ácido|anticongelante|thinner|tíner|paraquat|jabón|suavizante|aguarrás|amoniaco|hongos|setas|bayas|acetona|desinfectante|herbicida|limpiapisos|fabuloso|quitaesmalte|plaguicida|lavavajillas|naftalina|metanol|petróleo|cápsula de detergente|quita sarro|desengrasante|líquido de frenos|planta venenosa|gramoxone|folidol|salfumán|colonia|gel antibacterial|hipoclorito|destapacaños|destapacañ*|destapador de|limpiador de hornos|ácido muriático|sosa cáustica|creolina|racumín|veneno para|insecticida*|matamoscas|aceite de carro|diesel|combustible|esmalte|removedor|líquido de|alcohol de|cápsula detergente|blanqueador|lavandina|límpido|clorox|pinol|thiner|aguarras|fertilizante|herbicid*|fumig*|gas pimienta|floripondio|hongo|pato purific|mr músculo|domestos|lysol|harpic|ajax|don limpio|baygon|raid|roundup|viakal|estrella",
  pills:
    "pastilla*|tableta*|paracetamol*|píldora*|medicin*|medicament*|cápsula*|clonazepam|rivotril|somnífero*|antidepresiv*|acetaminof*|ibuprofeno|alprazolam|insulina|comprimid*|tramadol|aspirinas|ansiolítico*|diazepam|tafil|lorazepam|remedio*|pastis|clonazepan|clona|rivo|medicinas|ansiolíticos|antidepresivos|sertralina|tramal|metformina|enalapril|losartán|jarabe|gotas|pastillas|tabletas|aspirina|paracetamoles|somníferos|zolpidem|quetiapina",
  many: "frasco|todas|todo|toda|muchas|muchos|caja|blíster|puñado|20|25|30|40|50|60|veinte|treinta|cuarenta|cincuenta|demasiad*|bote|montón|tira|paquete|un chingo|varias|15|12|16|quince|bastantes|sobre|tarro|plancha|entero|entera|completo|completa|un buen de|muchisimas|la mitad|70|80|90|100|35|45|docena*|un puño|de golpe|de una vez|dos cajas|tres cajas|todita*|doble dosis|resto",
  overdose: "sobredosis|intoxicó con pastillas|se pasó de pastillas|intoxicación por medicament*",
  battery: "pila|pilas|batería|imán|imanes",
  heater:
    "calentador|estufa|brasero|anafre|caldera|calefactor|generador|carbón|calefón|calentón|chimenea|bóiler|parrilla|leña|calefacción|garrafa",
  monoxide: "monóxido|fuga de gas|huele a gas|olor a gas|escape de gas",
  drug: "heroína|fentanilo|opioide*|droga*|morfina|metadona|cocaína|inyectó|perico|jeringa|éxtasis|pupilas|cristal|tachas",
  badAlcohol:
    "alcohol adulterado|licor casero|metanol|aguardiente|alcohol casero|licor adulterado|alcohol clandestino|tequila adulterado|trago adulterado|bebida adulterada",
  dieWish:
    "quiero morir*|no quiero vivir|ganas de vivir|ganas de morir*|no despertar|no despertara|mejor muert*|mejor sin mí|cansad* de vivir|acabar con todo|no vale pena vivir|desaparecer|dejar de existir|no quiero seguir viv*|quisiera morir*|quiere morir*|ya no quiero estar|sin sentido vivir|no aguanto más vivir|no encuentro sentido|prefiero morir*|prefiero estar muert*|dormir para siempre|no quiero estar aquí|no le veo sentido|terminar con todo|no quiero existir|no puedo más con la vida|ojalá me muera|estar muert*|no tengo por qué vivir|no quiero despertar|no tiene caso vivir|sin mí|mi vida no vale|harta de vivir|harto de vivir|dejar este mundo|irme de este mundo|no deseo vivir|no sirvo para vivir|me quiero morir|no quiero seguir aquí|no quiero seguir|seguir viva|seguir vivo|sentido a seguir|sentido a la vida|no le encuentro sentido|no quiero estar más|dormir y no despertar|ya no quiero nada|cansad* de todo|quiero irme para siempre|quiero que todo acabe|ojalá no despierte|me da igual morir|no me importa morir|no tengo razones|para qué seguir|ya no quiero ser|quiero dejar de",
  killSelf:
    "matarme|me mato|suicid*|quitarme la vida|ahorcarme|colgarme|cortarme las venas|me quiero matar|me voy a matar|tirarme puente|aventarme|pegarme un tiro|matarse|quitarse la vida|ahorcarse|se quiere matar|se va a matar|acabar con mi vida|terminar con mi vida|tirarme por|colgarse|saltar del|saltar por|cortarse las venas|aventarse|dispararme|acabar con su vida|lanzarme|tirarse|poner fin a mi vida|se quiso matar|tomarme todas|tomarme todo el|darme un tiro|volarme|hacerme algo|hacerse algo|cometer una locura|una tontería|saltar al vacío|se va a aventar|se quiere aventar|se va a tirar|quiere tirarse|amenaza con saltar|voy a saltar|va a saltar|desvivir*|cortarme las|dejarme morir|tomarme las pastillas|acabar conmigo",
  plan: "noche|hoy|ahora|pastillas|soga|pistola|plan|ya tengo|puente|voy|listo|lista|cuchillo|carta|cuerda|mañana|arma|preparad*|encerr*|azotea|veneno|dice|intentó|intenté|amenaza|metro|balcón|despedida|frasco|navaja|parad*|compré|junté|momento|ventana|ya",
  goodbye:
    "carta despedida|carta de despedida|se despidió de todos|mensaje de despedida|nota de despedida|despidiendo de todos|me despido de todos|nota suicida|adiós para siempre|me despedí de todos",
  selfHarm:
    "me corto|cortarme|autolesi*|me lastimo|me hago daño|hacerme daño|cortarme los brazos|me corté los|se corta los|se hace cortes|cortes en los brazos|me quemo a propósito|se lastima a propósito|me volví a cortar|se autolesiona|se hace daño|me rasguño|se corta en los|cortes en las muñecas",
  voices: "voces|voz|demonio*|oigo|escucho",
  harm: "matar*|daño|lastim*|mate|saltar|tirar*|morir|hiera|ahog*|acuchill*",
  strangled:
    "ahorcó|ahorca|estrangul*|apretó cuello|apretó el cuello|agarró del cuello|apretó la garganta|aprieta el cuello|me ahorcaba|asfixiarme|manos en el cuello|agarra del cuello|apretaba el cuello|me agarró del cuello|del pescuezo|me asfixió|manos al cuello",
  raped:
    "viol*aron|violó|violar*|abusó de|abusaron de|abuso sexual|me forzó|me drogaron|violad*|abusado de|agresión sexual|agredió sexualmente|me obligó a tener|abusada|toqueteó|agredieron sexualmente|violaron|forzaron",
  threat:
    "va a matar|me quiere matar|amenaz* matar*|amenaza con|amenaza de muerte|tiene un cuchillo|tiene una pistola|dice que me mata|me va matar|amenazó con|nos va a matar|me mata si|con un cuchillo",
  beats:
    "golpe*|pega|pegó|pegan|maltrat*|golpiza|cachetad*|patad*|patea|empuj*|violent*|abofete*|puñetazo*|paliza|bofetad*|jalonea",
  touched:
    "me toca|me tocó partes|me toca partes|me tocaba|toca mis partes|toquetea|tocamientos|se mete en mi cuarto|toca a mi hija|tocó a mi hija|me manosea|manose*|le toca las partes|toca sus partes",
  infection:
    "infec*|neumonía|herida|cistitis|urinaria|absceso|pus|apesta|huele mal|mal olor|huele feo|flujo|pulmonía|sonda|llaga",
  chemo: "quimio*|trasplant*|leucemia|neutropenia|sin bazo|linfoma|inmunosuprimid*|defensas bajas",
  surgery: "operaron|operad*|cirugía|operación|cesárea|puntos|legrado|aborto|operó",
  hit: "golpe*|cayó|caída|caí|pegó|choque|choc*|accidente|atropell*|tropez*|resbal*|porrazo|rodó|pegué|estrell*|cayo|se cae|descalabr*|se pegó|se golpeó|cayó de|se cayó|topetazo|se dio contra|me pegué",
  thinner:
    "anticoagulante*|warfarina|sintrom|eliquis|xarelto|acenocumarol|clopidogrel|adiro|adelgazar la sangre|diluir la sangre|aspirina|sangre licuada|adelgazante*",
  sunHeat: "sol|calor|insolación|golpe de calor|maratón|insolad*|asoleó|asolead*|40 grados|bochorno",
  lockedCar:
    "encerrad* carro|encerrad* coche|encerrad* auto|dejaron carro|dejaron en el coche|olvidad* coche|olvidad* carro|dentro del carro|encerrad* en el carro|encerrad* en el coche|atrapad* coche|dentro del coche",
  drowned:
    "ahogó piscina|ahogó alberca|ahogamiento|sacaron del agua|sacaron alberca|sacaron piscina|bajo el agua|sacamos del agua|sacamos piscina|casi se ahoga|cayó piscina|cayó a la piscina|cayó a la alberca|sacamos de la piscina|sacaron del río|sacaron del mar|cayó alberca|tragó agua de la",
  burned:
    "quem*|hirviendo|hirviente|escald*|agua caliente|aceite|vapor|olla|café caliente|sopa caliente|fuegos artificiales|cohete",
  electric:
    "electrocut*|descarga eléctrica|toque eléctrico|rayo|cable pelado|enchufe|alta tensión|calambrazo|chispazo|choque eléctrico|patada de la luz|le dio corriente|me dio corriente|agarró corriente|pasó corriente|corriente le|descarga de corriente|toque de corriente|me dio toques|le dio toques",
  corrosive:
    "ácido|cloro|lejía|sosa|cal|químico|cemento|amoniaco|pegamento|limpiador|desatascador|detergente|gas pimienta|quitaesmalte|kola loka|salfumán|superglue|amoníaco",
  fire: "incendio|humo|fuego|llamas|quemó la casa",
  snake: "víbora|serpiente|culebra|cobra|nauyaca|cascabel|coralillo|mapaná",
  scorpion: "alacrán|escorpión|viuda negra|araña|medusa|capulina|ciempiés|violinista",
  animal: "perro|gato|murciélago|mono|mapache|zorro|rata|animal|perra|mapache|zarigüeya|tlacuache",
  bitten: "mord*|picó|picad*|pic*|arañ*|rasguñ*|atac*|lamió|muerd*",
  pierced:
    "clav*|enterr*|perfor*|vidrio|metal|astilla|esquirla|pinch*|fierro|clavo|tijera*|esmeril|encaj*|alambre|soldar|cristal",
  hernia: "hernia",
  other:
    "durante|malestar*|molestia*|eléctric*|corriente residual|imagen|imágenes|tomografía|sección|estable*|forma|formas|completo|parte|partes|contrato|cercan*|volar|formar*|formaron|crecen|crece*|contarme|privacidad|privad*",
  burden:
    "mejor sin mí|estarían mejor sin|estaría mejor sin|estarían mejor si yo|mejor si no estuviera|mejor si no existiera|si yo no estuviera|si ya no estoy|cuando ya no esté|cuando no esté|nadie me va a extrañar|nadie me extraña*|a nadie le importo|a nadie le importa*|soy una carga|una carga para|soy un estorbo|soy un peso para|nadie notaría|nadie se daría cuenta",
  edge: "puente|azotea|techo|balcón|cornisa|vías|vía del tren|ventana|acantilado|barandal|terraza",
  ending:
    "adiós|perdón a todos|perdónenme|perdóname mamá|me despedí|me despido|despedirme|despedida|se acabó|ya se acabó|ya no puedo más|no puedo más|no aguanto más|ya no aguanto|voy a saltar|saltar|brincar|aventar*|hasta aquí|cuiden a|cuida a mis|gracias por todo|los amo|terminar con esto|acabar con esto|que pare|que se acabe|todo arreglado|ya tomé la decisión|no hay salida|hoy es el día|esta noche acabo",
  letters:
    "escribí cartas|escribí una carta|dejé una carta|dejé cartas|dejé todo|dejé arreglado|carta a mis|carta para mis|hice mi testamento|regalé mis cosas|regalé a mi|mis papeles en orden|dejé mis cosas",
  weapon: "cuchillo|navaja|soga|cuerda|cinturón|pistola|arma|pastillas|rastrillo|gilette|veneno|tijeras",
  lockedIn:
    "se encerró|encerrad* en el baño|encerrad* en su cuarto|no abre la puerta|no quiere abrir|se encerro",
  stiffNeck:
    "doblar el cuello|bajar la cabeza|agachar la cabeza|mover el cuello|barbilla al pecho|pegar la barbilla|cuello duro|cuello tieso|flexionar el cuello|girar el cuello",
  sugarFar: "@sugar",
  farewell:
    "despidiéndose|despidió|se despide|despedida|adiós para siempre|cuida a los|cuide a los|cuiden a|cuida a mamá|perdón por todo|perdónenme|gracias por todo|ser una carga|era una carga",
  unreachable:
    "no contesta|no me contesta|no responde mensajes|apagado el teléfono|teléfono apagado|celular apagado|móvil apagado|apagó el celular|apagó el teléfono|no coge el teléfono|no atiende|manda a buzón|no lo encontramos|no la encontramos",
};
