// Danger signs as people write them in Spanish, of Spain and of Latin America, with and without accents.
import type { RedFlagLanguage } from "../red-flag-language.ts";

export const es: RedFlagLanguage = {
  language: "es",
  script: "latin",
  words: {
    pain: "duel*|dolor*|aprieta|apret*|opres*|presión|peso|ardor|punzad*|quema|molestia fuerte",
    severe:
      "mucho|muchísimo|fuerte*|insoportable*|horrible*|terrible*|intens*|de repente|de golpe|súbit*|no aguanto|no lo aguant*|tremendo|peor",
    sudden:
      "de repente|de golpe|de pronto|súbit*|repentin*|desde esta mañana|hace una hora|desde hace una hora",
    notwake:
      "no despierta|no reacciona|no responde|inconsciente|perdió el conocimiento|no contesta|sin conocimiento|desmay*|no vuelve en sí|no se despierta|sin sentido",
    drowsy:
      "dormido|dormida|somnolient*|confundid*|aletargad*|letárgic*|flojit*|desorientad*|incoherencias|disparates|decaíd*|como trapo|cosas sin sentido|no sabe dónde",
    child: "bebé*|bebe|niño|niña|niñ*|hijo|hija|nene|nena|recién nacido|chiquit*|criatura",
    fever: "fiebre|calentura|@fever|temperatura|escalofrío*|tiritando|tiembla",
    vomit: "vomit*|vómito*|devuelve|devolviendo",
    took: "tomó|tomé|tomo|tragó|tragué|trago|bebió|bebí|comió|comí|ingirió|ingerí|se tomaron|tomado|tragado",
    breath: "respir*|aire|ahog*|asfixi*",
    faint: "mareo|maread*|desmay*|débil|se me va",
    swell: "hinch*|inflam*|cierra|cerrando",
  },
  negation: {
    before: "no|sin|niega|ningún|ninguna|tampoco|nunca",
    between: "tiene|tengo|hay|me|le|siento|un|el|la|ha|he|tenido|mucho|ya",
  },
  cues: {
    now: "ahora|ahorita|ya|hace rato|desde|de repente|de golpe|hoy|esta mañana|esta noche|anoche|ayer|sigue|todavía|otra vez|ayuda|auxilio|qué hago|minutos|hora|horas|no para|está",
    person:
      "mi|me|mis|yo|estoy|tengo|él|ella|se|le|papá|mamá|abuelo|abuela|esposo|esposa|hijo|hija|bebé|nosotros|todos",
  },
  frames: {
    past: "hace ... años|murió|falleció|antecedentes|cuando era|en 19*|en 200*|en 201*|de pequeño",
    exam: "señale|la correcta|la falsa|cuál de las siguientes|cuál de los siguientes|de las siguientes|indique|respuesta correcta|paciente de|varón de|mujer de|hombre de|un paciente|una paciente|caso clínico|es cierto que|acude a",
    definition:
      "qué es|qué son|cuáles son|cuál es|qué significa|definición|cómo prevenir|prevenir|prevención|efectos secundarios|efectos del|diferencia entre|mecanismo|síntomas de|causas de|qué tipos|tipos de|puedo manejar si|vacuna*|cómo se mide|cómo se usa|quién puede|cuándo es el|cada cuánto|a qué edad|especies de|escala|cuánta",
    story:
      "película|novela|canción|serie de tv|videojuego|tarea|ensayo|estadísticas|noticia*|traduce|boxeo|libro|fútbol|día mundial",
  },
  idioms:
    "me muero de risa|muero de risa|me muero de hambre|muero de hambre|muerto de hambre|muerto de sueño|muert* de cansancio|muero de sueño|me muero de ganas|me matas de risa|para morirse de risa|quemadura leve de sol|quemado del trabajo|agruras|bochornos|golpe de suerte|me muero de sed|muero de calor|me muero de vergüenza",
  rules: {
    collapse: [
      "no respira|dejó de respirar|ni respira|sin pulso|no le encuentro el pulso|no tiene pulso|paro cardíaco|paro cardiaco|no late",
      "inconsciente|desplom*|desmay*|se cayó|cayó + ronquidos|no respira|no despierta|no reacciona|jugando|partido|corriendo|deporte|morado|no responde",
      "no responde|no despierta|no reacciona + mi|ya|abuela|papá|mamá|amigo|tomó|nada + !diabét*",
    ],
    breathing: [
      "no puedo respirar|no puede respirar|no me entra el aire|me falta el aire|me falta aire|falta de aire|me ahogo|se ahoga|se está ahogando|asfixi*|no respiro bien|cuesta respirar|cuesta mucho respirar|no alcanzo a respirar|no puede respirar bien",
      "inhalador|bomba|salbutamol|asma|nebuliz* + no me hace|no hace nada|no sirve|no funciona|sin mejor|ya usé|peor|ahog*|no me entra",
      "labios|cara|dedos|uñas + azul*|morad* + !moretón",
      "atragant*|atorad*|atoró + voz|garganta|no le sale|respira|comida|hijo|pedazo|habla|aire",
      "falta el aire|ahogo|aire + de golpe|de repente + pantorrilla|pierna|vuelo|operación|pecho",
      "tose|tosiendo|escupe + sangre + mucha|mucho|aire|ahog*",
    ],
    anaphylaxis: [
      "garganta|lengua|labios|cara + {swell} + comí|comer|después|picó|avispa|abeja|mariscos|camarones|cacahuate|maní|antibiótico|penicilina|alerg*|medicina|está|están|se me",
      "ronchas|urticaria|sarpullido|salpullido + respir*|silba|garganta|{faint}|aire|pecho",
      "picó|picadura|avispa|abeja + {swell}|{faint}|respir*|cara",
      "anafila*|shock alérgico|choque anafiláctico|reacción alérgica + respir*|garganta|grave|ahora",
      "cierra la garganta|cerrando la garganta|se me cierra la garganta",
    ],
    stroke: [
      "boca|cara|sonrisa|rostro + chuec*|torcid*|caíd*|de lado|desviad*|chueco|duerme|dormid*|colgad*",
      "habla*|palabras|hablar + mal|raro|arrastr*|no bien|sin sentido|enredad*|trabad*|no puede + cara|boca|brazo|{sudden}|lado|cosas|arrastra|no puede|chuec*",
      "brazo|pierna|mano|mitad|lado|cuerpo + no puedo mover|no puede mover|no siento|dormid*|adormec*|débil|sin fuerza|paraliz*|no mueve + {sudden}|derech*|izquierd*|cara|cuerpo|mitad + !pecho|entrepierna",
      "dolor de cabeza + peor|de mi vida|de golpe|explosión|trueno",
      "derrame|ictus|acv + le está dando|está teniendo|ahora|creo que",
    ],
    chest: [
      "pecho|tórax|torácic* + {pain}|brazo|agarra",
      "espalda|omóplatos + desgarr*|dolor de golpe|partiera",
      "infarto|ataque al corazón + me está dando|le está dando|ahora|creo|está teniendo",
      "mandíbula|brazo izquierdo + {pain} + sud*|pecho|náusea*",
    ],
    seizure: [
      "convuls*|ataque epiléptico|ataque|epilep* + no para|minutos|ahora|seguidas|primera|fiebre|ojos en blanco|espuma|sin despertar|tiene|está|se le quita|dio|tuvo + !corazón|pánico|ansiedad|manejar|risa|nervios|asma",
      "ojos en blanco|espuma por la boca|echa espuma",
      "sacud*|tiembla todo + no responde|ojos",
    ],
    bleeding: [
      "sangr* + chorros|chorro|no para|mucha|no deja|a borbotones|hemorragia|no se detiene|borbotea + !embaraz*|regla|menstru*|donar|parí|encías",
      "vomit*|vomité|escup* + sangre",
      "popó|heces|caca|evacu* + negr*|chapopote|alquitrán + mare*|débil|desmay*|sangre|y",
      "cortó|cortado|amput*|arrancó + dedo|mano|brazo|pierna|muñeca + sangr*|sierra|máquina|no para|se",
      "apuñal*|puñalada|balazo|disparo|bala|navajazo",
      "nariz + sangra* + hora|anticoagulante*|no para",
    ],
    poisoning: [
      "{took} + cloro|lejía|detergente|veneno|insecticida|pesticida|gasolina|queroseno|raticida|matarratas|limpiador|desatascador|sosa|ácido|jabón líquido|plaguicida|anticongelante|thinner|paraquat",
      "{took} + frasco|todas|todo el|muchas|veinte|treinta|20|30|40|50|caja|puñado|blíster + pastillas|paracetamol*|píldoras|tabletas|medicin*|medicament*|clonazepam|somníferos",
      "tomé + todo el frasco|muchas pastillas|todas las pastillas",
      "sobredosis + tuvo|creo|de|tiene",
      "tragó|comió|ingirió|metió + pila|batería|imán|imanes",
      "dolor de cabeza|mareo*|náusea* + calentón|calefactor|estufa|brasero|anafre|caldera|calentador|generador|carbón + todos|familia|prendid*|casa",
      "monóxido + alarma|mare*|dolor|intox*",
      "respira + inyect*|heroína|fentanilo|opioide*|droga|morfina",
      "alcohol adulterado|licor casero|metanol|aguardiente + veo|ve|borros*|vista",
    ],
    suicide: [
      "matarme|quitarme la vida|suicidarme|ahorcarme|me voy a matar|me quiero matar|acabar con mi vida|tirarme + pastillas|esta noche|hoy|ya tengo|voy a|pistola|soga|plan|ahora|puente",
      "me voy a matar|me voy a suicidar|carta de despedida|intenté suicidarme|intentó suicidarse",
      "day: no quiero vivir|quiero morir*|me quiero matar|matarme|quitarme la vida|suicidarme|mejor sin mí|no despertara|no despertar|no vale la pena vivir|sin ganas de vivir|acabar con todo|desaparecer para siempre|estoy cansado de vivir|estoy cansada de vivir|no aguanto vivir",
      "day: ideas suicidas|pensamientos suicidas|pienso en el suicidio|pensando en el suicidio",
      "day: me corto|cortar los brazos|cortarme|autolesi*|me lastimo|me hago daño",
      "voces + matar|daño|bebé|lastimar + dicen|me|oigo|ordenan",
      "day: dosis letal|morir sin dolor|si me tomo ... pastillas",
    ],
    violence: [
      "ahorcó|ahorca|estranguló|apretó el cuello + me|novio|esposo|él|marido|anoche",
      "violaron|violó|abusaron|abuso sexual|abusó|forzó + me|de mí|mi|hija|ayer|anoche",
      "me va a matar|amenaza con matar*|me amenaza|amenazó con",
      "day: golpea|pega|maltrata|golpeó|pegó|me da golpes + me|esposo|marido|novio|papá|hijo|miedo|cuidadora|toma + !balón|pelota|cabeza contra",
      "day: me toca|me tocó|toquetea + tío|padrastro|no cuente|primo|maestro|secreto|diga|partes",
    ],
    infant: [
      "@infant|recién nacido|recien nacido + {fever}|flojit*|no quiere comer|no quiere mamar|no mama|decaíd*|frío|no despierta|quejido|amarill*|38.2|morado|q le doy",
    ],
    child: [
      "vomita todo|no tolera nada|no retiene nada|vomita hasta el agua|devuelve todo",
      "costillas|pecho + hund*|se le meten|retrae* + respir*|al",
      "no moja pañal|pañal seco|no ha orinado|no orina|no hace pipí|sin orinar + noche|día|ojos|ojitos|niño|niña|bebé|desde",
      "ojos hundidos|ojitos hundidos|mollera hundida",
      "{child} + como trapo|aletargad*|muy flojito|no quiere beber|no bebe nada|no reacciona",
      "{vomit} + verde",
    ],
    meningitis: [
      "cuello|nuca + tieso|rígid*|duro|rigidez + {fever}|luz|{vomit}|dolor de cabeza",
      "manch*|puntos|ronchas|pintas + morad*|rojas|púrpura* + quitan|vaso|fiebre|{fever}|apret*",
      "mollera|fontanela + abultad*|hinchad*|salida",
      "dolor de cabeza + {fever} + {drowsy}|luz|horrible|cuello",
    ],
    sepsis: [
      "infección|neumonía|infectad*|herida + {drowsy}|confus*|tiritando|corazón a mil|respira rápido|piel manchada|orina desde|taquicardia|manos frías",
      "quimio* + {fever}",
      "piel manchada|piel moteada|no orina + respira rápido|fiebre|fría",
      "cirugía|operación|operaron|parto|parí|cesárea|aborto + {fever} + alta|escalofríos|mal olor|huele|flujo|pus",
    ],
    head: [
      "cabeza|cráneo + golpe*|golpeó|cayó|pegó|caída|golpeé|choque|accidente + {vomit}|{drowsy}|anticoagulante*|conocimiento|confus*|inconsciente|desmay*|repite|misma pregunta|mucho sueño",
      "{child} + cayó|caída|cayo + cama|escalera*|mesa|brazos|sillón + {drowsy}|{vomit}|no despierta|dormid*",
      "líquido + claro|transparente + oído|nariz|oreja",
      "anticoagulante* + cabeza + golpe*|cayó|pegó",
    ],
    pregnancy: [
      "embaraz*|gestación|meses de embarazo + sangr* + mucho|coágulos|abundante|sangro",
      "embaraz*|semanas|gestación + dolor de cabeza|cabeza + lucecitas|visión|borros*|hinch*|veo|fuerte|puntos",
      "bebé + no se mueve|no lo siento|dejó de moverse|se mueve menos|no siento que se mueva + ayer|embaraz*|panza|desde|semanas|vientre|mi",
      "prueba positiva|retraso|embaraz* + dolor* + de un lado|fuerte|desmay*|hombro",
      "parí|parto|di a luz|postparto|cesárea + toalla|sangr*|coágulos|hemorragia|pantorrilla",
      "rompí fuente|rompió la fuente|fuente + verde|semanas|cordón|meses|antes",
      "cordón + veo|ve|sale|asoma",
      "embaraz* + convuls*|dolor en la boca del estómago",
    ],
    sugar: [
      "diabétic*|diabetes|glucosa|azúcar|insulina + hi|{vomit}|aliento|fruta|sudando|sud*|incoherencias|no despierta|inconsciente|confundid*|desmay*|temblando + !dieta",
      "@sugar + {vomit}|sud*|confus*|incoherencias|tembl*|inconsciente|vómito*",
      "{child} + toma muchísima agua|toma mucha agua|mucha sed|bebe mucha + bajó de peso|adelgaz*|respira|orina",
    ],
    heat: [
      "sol|calor|marathon|maratón|insolación|golpe de calor|campo + desmay*|disparates|confundid*|hirviendo|inconsciente|no reacciona|ardiendo|desplom*|convuls*|delira + !menopausia|bochorno",
      "dejaron|dejé|encerrad*|olvid* + carro|coche|auto + niño|bebé|niña|responde|perro|hijo",
      "@high + confundid*|delira|desmay*",
      "alberca|piscina|ahogó|ahogamiento|mar|río + sac*|somnolient*|tose|inconsciente",
    ],
    burn: [
      "quem*|hirviendo|hirviente|escald* + bebé|niño|hijo|hija|cara|pecho|ampollas|aceite|agua hirviendo|ácido|genitales|mano|brazo|extens* + !leve|estómago|agruras|orinar",
      "electrocut*|descarga eléctrica|me dio la corriente|toque eléctrico|rayo",
      "ácido|sosa|químico|cal + cara|piel|echaron|mano|salpic* + !úrico|fólico",
      "incendio|humo|fuego + tose|negro|ronc*|inhal*|respir* + !cigarro",
    ],
    bite: [
      "víbora|serpiente|culebra|cobra|nauyaca|cascabel + mord*|picó|mordida|mordió",
      "alacrán|escorpión|viuda negra|araña + pic*|mord* + babea|hija|hijo|niñ*|tiembla|calambres|aire",
      "day: perro|gato|murciélago|mono|mapache|zorro|rata|animal + mord*|arañ*|rasguñ* + !vacuna anual",
    ],
    eye: [
      "no veo|no ve|perdí la vista|perdí la visión|quedé ciego|ciega|pérdida de visión + ojo|de repente|de golpe|de pronto",
      "cortina|sombra|velo + negra|vista|ojo|destellos|visión",
      "cloro|ácido|cal|químico|lejía|cemento|pegamento|amoniaco|salpic* + ojo|ojos",
      "ojo + rojo|dolor|duele + halos|vomit*|arcoíris|no veo|visión",
      "moscas volantes|destellos|flotadores|luces + de repente|muchas|lluvia|hoy",
      "ojo + clav*|perfor*|vidrio|metal|enterró",
    ],
    cauda: [
      "no siento|adormecid*|dormid*|entumecid*|anestesia + limpiarme|entre las piernas|entrepierna|genitales|nalgas|silla de montar",
      "orinar|orina|popó|esfínter*|vejiga + espalda|cintura|lumbar|piernas|ciática|disco + no puedo|perdí|se me sale|control|doblan|débiles|retención + !toser|parto",
      "cáncer + espalda + piernas",
    ],
    abdomen: [
      "abdomen|estómago|barriga|vientre|panza + duro como|rígid*|tabla|insoportable|horrible + {pain}|duro|tabla|rígid*",
      "day: ombligo + derech*",
      "day: abajo a la derecha|lado derecho bajo|parte baja derecha|fosa ilíaca derecha + {pain} + fiebre|calentura|vomit*|fuerte",
      "popó|gases|evacu*|obrar + no hago|no he|sin|no puedo + {vomit}|hinchad*|inflad*",
      "hernia + dura|salió|atorada|morada|no entra|duele mucho + !disco|discal",
      "dolor + abdom*|estómago|panza + desmay*|hasta la espalda|de golpe",
    ],
    testis: [
      "testícul*|testicul*|huevo|huevos|escroto|bolas + {severe}|{pain}|hinchad*|subido|golpe + !sin dolor|comer|desayun*|gallina|vasectomía|fritos|receta",
    ],
  },
};
