// What a model's reply holds once its wrapping is off: reasoning, courtesies, labels, quotation marks; and the turns of a dialogue.

/** A model's own thoughts come before what it says. */
const REASONING = /^\s*<think(?:ing)?>[\s\S]*?<\/think(?:ing)?>/iu;
const COURTESY =
  /^(?:sure|certainly|of course|here(?:['’]s| is| are)|voici|bien sûr|aquí (?:está|tiene)|claro|por supuesto|好的|当然|以下是|这是|ज़रूर|बिल्कुल|यह रहा|إليك|بالتأكيد|بالطبع)[^\n]{0,120}[:：]\s*\n+/iu;
const LABEL =
  /^(?:\*\*|#+\s*)?<?(?:question|answer|reply|response|问题|答案|回答|réponse|pregunta|respuesta|प्रश्न|उत्तर|सवाल|जवाब|السؤال|الإجابة|الجواب)>?(?:\*\*)?\s?[:：](?:\*\*)?\s*/iu;
const QUOTED = /^["“«「『](?<inner>[^"“”«»「」『』]*)["”»」』]$/u;
const TURN = /<(?<who>patient|doctor)>\s*(?<text>[\s\S]*?)\s*<\/\s*\k<who>\s*>/giu;

/** A reply without its wrapping. */
export function unwrapReply(reply: string): string {
  const said = reply.replace(REASONING, "").trim().replace(COURTESY, "").replace(LABEL, "").trim();
  return (QUOTED.exec(said)?.groups?.inner ?? said).trim();
}

/**
 * The turns `[patient, doctor, patient, doctor, ...]` of a reply in the form `<Patient>...</Patient><Doctor>...</Doctor>`; `undefined` when
 * they do not take turns, one is empty, or there is none.
 */
export function readDialogue(reply: string): string[] | undefined {
  const turns = [...reply.replace(REASONING, "").matchAll(TURN)].map(({ groups }) => ({
    who: groups!.who!.toLowerCase(),
    text: groups!.text!,
  }));
  const inTurn = turns.every(
    ({ who, text }, i) => who === (i % 2 === 0 ? "patient" : "doctor") && text !== "",
  );
  return inTurn && turns.length > 0 && turns.length % 2 === 0 ? turns.map(({ text }) => text) : undefined;
}
