// The words of a reproduction's page in French.
import type { ReproduceWords } from "../reproduce-words.ts";

/** See `en`. */
export const fr: ReproduceWords = {
  title: "{model}, reproduit",
  rehearsedTitle: "{model}, répétition",
  lead: "{base} entraîné sur le corpus publié selon la recette publiée, puis soumis à l’examen publié : obtient-on le résultat publié ?",
  rehearsedLead:
    "La chaîne qui fait de {base} le modèle publié, jouée sur de petites doublures des poids, du corpus et de l’examen : chaque maillon tient-il ?",
  row: "Reproduit, {protocol}",
  rehearsedRow: "Répétition, {protocol}",
  beside: "À côté de {model} : {protocol}",
  otherwise: "Autre façon d’interroger : {protocol}",
  run: "Le passage, question par question",
  without: "sans {list}",
  ours: "Le nôtre",
  published: "Publié",
  difference: "Écart",
  verdict: "Verdict",
  real: "réel",
  notShown: "non démontré",
  rehearsal: "répétition",
  comparisonNote:
    "Publié : le taux tel qu’imprimé ; il n’a pas d’intervalle et compte donc comme un seul tirage des n questions diffusées de la source. Écart : le nôtre moins le publié, en points, avec l’intervalle de Newcombe à 95\u00a0%. p : test z de deux proportions, bilatéral ; Holm sur les colonnes. « Réel » veut dire inférieur à {level} après Holm ; « non démontré » ne veut pas dire égal, seulement que ce nombre de questions ne permet pas de trancher.",
  gain: "Ce que l’entraînement a changé",
  gainTable: "Modèle entraîné face à son modèle de base",
  gainDifference: "Entraîné − base",
  gainNote:
    "Les deux modèles interrogés par lettres, sur les mêmes questions, comparés par paires : intervalle bootstrap, test exact de McNemar. Écart moyen en points : {points}.",
  baseRun: "Le passage du modèle de base",
  loss: "Perte",
  lossCurve: "La perte passe de {first} à {last}",
  steps: "{n} pas",
  lossNote:
    "Perte moyenne en nats sur les tokens appris à chaque pas ; pas : {steps}, lignes par pas : {batch}, taux d’apprentissage maximal : {rate}.",
  trainingRun: "L’entraînement : perte par langue et par source, vitesse",
  chain: "La chaîne",
  stage: "Étape",
  artifact: "Produit",
  key: "Clé",
  reports: "Ce qu’elle rapporte",
  standIn: "une doublure",
  chainNote:
    "Les clés sont le début d’empreintes de tout ce qui détermine un produit ; pour ce qui a été téléchargé, des commits. Recette {recipe}, SHA-256 {hash}, protocole {protocol}. Graines : ordre du corpus {pack}, entraînement {train}, examen {bench}. Apollo {apollo}, Node {node}, llama.cpp {llamaCpp}.",
  everything: "Tout, avec les empreintes complètes et les réglages : {chain} ; la fiche du modèle : {card}.",
  caveats: {
    rehearsal:
      "Une répétition sur des doublures : poids aléatoires minuscules, la ligne de {model} n’est là que pour la forme. Les écarts ne veulent rien dire.",
    "no-published-prompts":
      "Le protocole publié n’a pas été exécuté, faute de ses consignes (--protocol-file) : ce qui figure à côté de la ligne publiée a été demandé autrement.",
    limit: "Au plus {n} questions de chaque source ont été posées.",
    "corrected-trainer":
      "Entraîné en corrigeant les défauts du programme publié ; comme publié : --set protocol=published.",
    "no-intervals":
      "Les nombres publiés n’ont ni intervalle ni nombre de questions : chacun est supposé porter sur toutes les questions diffusées de sa source.",
    decontaminated:
      "Décontaminé par une règle qui trouve plus que celle publiée : des questions d’examen que le modèle publié a pu voir ne sont pas dans ce corpus.",
  },
};
