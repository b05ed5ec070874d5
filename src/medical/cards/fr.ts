// First steps in French.
import type { CardTexts } from "../first-steps.ts";

export const fr: CardTexts = {
  emergency: "C’est peut-être une urgence.",
  sameDay: "Il faut consulter aujourd’hui.",
  call: "Appelez tout de suite le numéro d’urgence local ou allez aux urgences les plus proches.",
  callToday:
    "Appelez aujourd’hui un médecin ou les urgences. Si cela s’aggrave, appelez le numéro d’urgence.",
  crisis:
    "Vous comptez, et vous n’avez pas à porter cela seul(e). Vous pouvez appeler une ligne d’écoute dès maintenant.",
  footnote: "Si cela vous arrive maintenant, à vous ou à un proche, appelez le numéro d’urgence local.",
  limits: "Ce message vient d’une liste de mots, pas d’un médecin. Il peut passer à côté d’une urgence.",
  disclaimer:
    "Un modèle de recherche, pas un médecin. Il peut se tromper. Ne l’utilisez ni pour un diagnostic ni pour modifier un traitement.",
  steps: {
    collapse: [
      "Appelez en haut-parleur. Ne respire pas normalement : appuyez fort et vite au milieu de la poitrine, 100 à 120 fois par minute, jusqu’aux secours ; faites chercher un défibrillateur. Respire normalement : mettez sur le côté.",
      "Des hoquets ou des râles ne sont pas une respiration normale. N’attendez pas que la personne se réveille.",
    ],
    breathing: [
      "Asseyez la personne bien droite. Utilisez son inhalateur de secours en attendant. Étouffement sans toux possible : 5 claques fortes dans le dos, puis 5 compressions au-dessus du nombril (bébé : sur la poitrine), et recommencez.",
      "Ne l’allongez pas.",
    ],
    anaphylaxis: [
      "S’il y a un stylo d’adrénaline, injectez-le tout de suite sur la face externe de la cuisse, puis appelez. Allongez la personne jambes levées, ou assise si elle respire mal. Pas mieux après 5 minutes : un second stylo.",
      "Ne comptez pas sur les comprimés contre l’allergie ; la personne ne doit ni se lever ni marcher.",
    ],
    stroke: [
      "Appelez tout de suite et notez l’heure à laquelle la personne allait encore bien, pour les secours.",
      "Rien à manger ni à boire, pas d’aspirine. Appelez même si les signes disparaissent.",
    ],
    chest: [
      "Arrêtez tout effort, asseyez-vous et ne bougez plus. Que quelqu’un reste avec vous.",
      "Ne conduisez pas et n’attendez pas que la douleur passe. Ne prenez de l’aspirine que si les secours vous le demandent.",
    ],
    seizure: [
      "Chronométrez, écartez les objets, tournez la personne sur le côté quand la crise s’arrête.",
      "Ne la maintenez pas de force et ne mettez rien dans sa bouche.",
    ],
    bleeding: [
      "Appuyez fort sur la plaie avec un linge propre, sans relâcher. Saignement de nez : assis, penché en avant, pincez les narines.",
      "Ne soulevez pas le linge, ajoutez-en un autre par-dessus. Ne retirez pas un objet planté dans la plaie.",
    ],
    poisoning: [
      "Gardez l’emballage ou une photo. Sortez à l’air libre s’il peut s’agir de gaz ou de fumée. Pile ou aimants avalés : allez à l’hôpital tout de suite.",
      "Ne faites pas vomir, ne donnez rien par la bouche sans l’avis d’un centre antipoison et n’attendez pas les symptômes.",
    ],
    suicide: [
      "Parlez-en maintenant à quelqu’un, restez avec une personne de confiance, éloignez ce qui pourrait vous blesser. Si c’est pour un proche : restez avec lui et appelez.",
      "Ne restez pas seul(e). Si vous risquez de passer à l’acte, appelez le numéro d’urgence.",
    ],
    violence: [
      "Mettez-vous en lieu sûr si vous le pouvez. Un étranglement ou un viol demande des soins rapides, même sans trace.",
      "Vous n’avez à affronter personne. Supprimez cette conversation si quelqu’un peut la lire.",
    ],
    infant: [
      "Un bébé de moins de 3 mois qui a de la fièvre (38 °C ou plus), qui est froid ou qui ne tète pas doit être vu tout de suite.",
      "Ne donnez pas de médicament en attendant de voir.",
    ],
    child: [
      "Allez aux urgences maintenant. En route, continuez le sein ou de petites gorgées de soluté de réhydratation (SRO) si l’enfant peut boire.",
      "N’attendez ni le prochain repas ni demain.",
    ],
    meningitis: [
      "Allez aux urgences maintenant et dites que vous craignez une méningite.",
      "N’attendez pas l’éruption ni tous les signes.",
    ],
    sepsis: [
      "Allez aux urgences maintenant et demandez : est-ce une infection grave (sepsis) ?",
      "N’attendez pas un rendez-vous et ne masquez pas la fièvre avec des médicaments.",
    ],
    head: [
      "Gardez la personne immobile et surveillez-la. Si le cou fait mal, ne le bougez pas.",
      "Ne la laissez pas seule et ne la laissez pas conduire.",
    ],
    pregnancy: [
      "Appelez les urgences ou la maternité maintenant. Allongez-vous sur le côté gauche.",
      "N’attendez pas la prochaine consultation.",
    ],
    sugar: [
      "Personne éveillée et sucre bas, ou pas de lecteur : 15 à 20 g de sucre, par exemple un verre de jus ; nouveau contrôle après 15 minutes. Sucre élevé avec vomissements : allez aux urgences.",
      "Rien par la bouche si elle n’est pas bien éveillée. Avec un sucre élevé, n’arrêtez pas l’insuline.",
    ],
    heat: [
      "Coup de chaleur : mettez à l’ombre et refroidissez vite avec de l’eau et un ventilateur. Sortie de l’eau ou gelée : ôtez les habits mouillés, réchauffez la personne et faites-la examiner même si elle va bien.",
      "Ne forcez pas à boire une personne confuse.",
    ],
    burn: [
      "Refroidissez 20 minutes sous l’eau courante fraîche, puis couvrez d’un film alimentaire ou d’un linge propre. Retirez les bagues. Électricité : coupez d’abord le courant.",
      "Ni glace, ni beurre, ni dentifrice, ni œuf.",
    ],
    bite: [
      "Serpent ou scorpion : restez immobile, immobilisez le membre, retirez les bagues. Morsure d’animal : lavez 15 minutes à l’eau et au savon.",
      "Ne coupez pas, n’aspirez pas, pas de glace ni de garrot serré.",
    ],
    eye: [
      "Produit chimique : rincez à grande eau au moins 20 minutes, puis partez.",
      "Ne frottez pas l’œil, ne retirez rien de planté dedans et ne conduisez pas.",
    ],
    cauda: [
      "Allez aux urgences maintenant et dites ce que vous ne sentez ou ne contrôlez plus.",
      "N’attendez pas un rendez-vous de kiné ou de spécialiste.",
    ],
    abdomen: [
      "Restez allongé(e) et demandez de l’aide.",
      "Ne mangez pas, ne buvez pas et ne prenez pas de laxatif.",
    ],
    testis: [
      "Allez aux urgences maintenant : il n’y a que quelques heures pour agir.",
      "N’attendez pas demain ; ne mangez et ne buvez rien.",
    ],
  },
};
