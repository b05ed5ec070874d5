// The words of a reproduction's page in Spanish.
import type { ReproduceWords } from "../reproduce-words.ts";

/** See `en`. */
export const es: ReproduceWords = {
  title: "{model}, reproducido",
  rehearsedTitle: "{model}, ensayo",
  lead: "{base} entrenado con el corpus publicado según la receta publicada y sometido luego al examen publicado: ¿sale el resultado publicado?",
  rehearsedLead:
    "La cadena que convierte {base} en el modelo publicado, recorrida con pequeños sustitutos de los pesos, el corpus y el examen: ¿aguanta cada eslabón?",
  row: "Reproducido, {protocol}",
  rehearsedRow: "Ensayo, {protocol}",
  beside: "Junto a {model}: {protocol}",
  otherwise: "Preguntado de otra forma: {protocol}",
  run: "La ejecución, pregunta a pregunta",
  without: "sin {list}",
  ours: "El nuestro",
  published: "Publicado",
  difference: "Diferencia",
  verdict: "Veredicto",
  real: "real",
  notShown: "no demostrada",
  rehearsal: "ensayo",
  comparisonNote:
    "Publicado: los aciertos tal como se imprimieron; no tienen intervalo, así que cuentan como una sola muestra de las n preguntas difundidas de la fuente. Diferencia: el nuestro menos el publicado, en puntos, con el intervalo de Newcombe del 95\u00a0%. p: prueba z de dos proporciones, bilateral; Holm sobre las columnas. «Real» significa por debajo de {level} tras Holm; «no demostrada» no significa iguales, solo que este número de preguntas no permite saberlo.",
  gain: "Lo que cambió el entrenamiento",
  gainTable: "Modelo entrenado frente a su modelo base",
  gainDifference: "Entrenado − base",
  gainNote:
    "Ambos modelos preguntados por letras, con las mismas preguntas, comparados por pares: intervalo bootstrap, prueba exacta de McNemar. Diferencia media en puntos: {points}.",
  baseRun: "La ejecución del modelo base",
  loss: "Pérdida",
  lossCurve: "La pérdida baja de {first} a {last}",
  steps: "{n} pasos",
  lossNote:
    "Pérdida media en nats sobre los tokens aprendidos en cada paso; pasos: {steps}, filas por paso: {batch}, tasa de aprendizaje máxima: {rate}.",
  trainingRun: "El entrenamiento: pérdida por idioma y por fuente, velocidad",
  chain: "La cadena",
  stage: "Etapa",
  artifact: "Producto",
  key: "Clave",
  reports: "Lo que informa",
  standIn: "un sustituto",
  chainNote:
    "Las claves son el comienzo de los hashes de todo lo que determina un producto; de lo descargado, commits. Receta {recipe}, SHA-256 {hash}, protocolo {protocol}. Semillas: orden del corpus {pack}, entrenamiento {train}, examen {bench}. Apollo {apollo}, Node {node}, llama.cpp {llamaCpp}.",
  everything: "Todo, con los hashes completos y los ajustes: {chain}; la ficha del modelo: {card}.",
  caveats: {
    rehearsal:
      "Un ensayo con sustitutos: pesos aleatorios diminutos; la fila de {model} está solo por la forma. Las diferencias no significan nada.",
    "no-published-prompts":
      "El protocolo publicado no se ejecutó por faltar sus instrucciones (--protocol-file): lo que figura junto a la fila publicada se preguntó de otra forma.",
    limit: "Se hicieron como máximo {n} preguntas de cada fuente.",
    "corrected-trainer":
      "Entrenado corrigiendo los fallos del programa publicado; tal como se publicó: --set protocol=published.",
    "no-intervals":
      "Las cifras publicadas no tienen intervalo ni número de preguntas: se supone que cada una abarca todas las preguntas difundidas de su fuente.",
    decontaminated:
      "Descontaminado con una regla que encuentra más que la publicada: preguntas del examen que el modelo publicado pudo ver no están en este corpus.",
  },
};
