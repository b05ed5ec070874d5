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
      "Appelez en haut-parleur. Si la personne ne respire pas normalement, appuyez fort et vite au milieu de la poitrine, 100 à 120 fois par minute, jusqu’à l’arrivée des secours.",
      "Ne la laissez pas seule et n’attendez pas qu’elle se réveille.",
    ],
    breathing: [
      "Asseyez la personne bien droite. Utilisez son inhalateur de secours en attendant. Étouffement : 5 claques dans le dos, puis 5 compressions au-dessus du nombril (bébé : sur la poitrine).",
      "Ne l’allongez pas.",
    ],
    anaphylaxis: [
      "S’il y a un stylo d’adrénaline, injectez-le tout de suite sur le côté de la cuisse, puis appelez. Allongez la personne jambes levées, ou assise si elle respire mal.",
      "Ne comptez pas sur les comprimés contre l’allergie et ne la levez pas brusquement.",
    ],
    stroke: [
      "Notez l’heure à laquelle la personne allait encore bien et dites-la aux secours.",
      "Rien à manger ni à boire, pas d’aspirine, même si les signes disparaissent.",
    ],
    chest: [
      "Arrêtez tout effort, asseyez-vous et ne bougez plus. Que quelqu’un reste avec vous.",
      "Ne conduisez pas et n’attendez pas que la douleur passe.",
    ],
    seizure: [
      "Chronométrez, écartez les objets, tournez la personne sur le côté quand la crise s’arrête.",
      "Ne la maintenez pas de force et ne mettez rien dans sa bouche.",
    ],
    bleeding: [
      "Appuyez fort sur la plaie avec un linge propre, sans relâcher.",
      "Ne retirez pas un objet planté dans la plaie.",
    ],
    poisoning: [
      "Gardez l’emballage ou une photo. Sortez à l’air libre s’il peut s’agir de gaz ou de fumée.",
      "Ne faites pas vomir et n’attendez pas les symptômes.",
    ],
    suicide: [
      "Parlez-en maintenant à quelqu’un, restez avec une personne de confiance, éloignez ce qui pourrait vous blesser.",
      "Ne restez pas seul(e). Si vous risquez de passer à l’acte, appelez le numéro d’urgence.",
    ],
    violence: [
      "Mettez-vous en lieu sûr si vous le pouvez. Un étranglement ou un viol demande des soins rapides, même sans trace.",
      "Vous n’avez à affronter personne. Supprimez cette conversation si quelqu’un peut la lire.",
    ],
    infant: [
      "Un bébé de moins de 3 mois qui a de la fièvre, qui est froid ou qui ne tète pas doit être vu tout de suite.",
      "Ne donnez pas de médicament en attendant de voir.",
    ],
    child: [
      "Partez maintenant. Continuez le sein ou de petites gorgées de SRO en route si l’enfant peut boire.",
      "N’attendez ni le prochain repas ni demain.",
    ],
    meningitis: [
      "Partez maintenant et dites que vous craignez une méningite.",
      "N’attendez pas l’éruption ni tous les signes.",
    ],
    sepsis: [
      "Partez maintenant et demandez : est-ce un sepsis ?",
      "N’attendez pas un rendez-vous et ne masquez pas la fièvre.",
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
      "Si la personne est éveillée et le sucre bas : 15 à 20 g de sucre, nouveau contrôle après 15 minutes.",
      "Rien par la bouche si elle n’est pas bien éveillée. N’arrêtez pas l’insuline.",
    ],
    heat: [
      "Mettez la personne à l’ombre et refroidissez-la vite avec de l’eau et un ventilateur.",
      "Ne forcez pas à boire une personne confuse.",
    ],
    burn: [
      "Refroidissez 20 minutes sous l’eau courante fraîche. Retirez les bagues. Électricité : coupez d’abord le courant.",
      "Ni glace, ni beurre, ni dentifrice, ni œuf.",
    ],
    bite: [
      "Serpent ou scorpion : restez immobile, immobilisez le membre, retirez les bagues. Morsure d’animal : lavez 15 minutes à l’eau et au savon.",
      "Ne coupez pas, n’aspirez pas, pas de glace ni de garrot serré.",
    ],
    eye: [
      "Produit chimique : rincez à grande eau au moins 15 minutes, puis partez.",
      "Ne frottez pas l’œil et ne conduisez pas.",
    ],
    cauda: [
      "Allez aux urgences maintenant et dites ce que vous ne sentez ou ne contrôlez plus.",
      "N’attendez pas un rendez-vous de kiné ou de spécialiste.",
    ],
    abdomen: ["Restez allongé et demandez de l’aide.", "Ne mangez pas et ne prenez pas de laxatif."],
    testis: [
      "Allez aux urgences maintenant : il n’y a que quelques heures pour agir.",
      "N’attendez pas demain ; ne mangez et ne buvez rien.",
    ],
  },
};
