// Real documents for the scripts beside it, of any files that import takes.
import { join } from "node:path";
import { importCorpus } from "../dist/corpus/index.js";
import { readCorpus } from "../dist/corpus/read-documents.js";

/** The documents of `inputs`, and each sentence of the translation memories `texts` in Spanish, French, Hindi and Arabic; corpora are left in `folder`. */
export async function readReal(inputs, texts, folder) {
  const corpora = [join(folder, "seed")];
  await importCorpus(inputs, corpora[0], { keepGoing: true });
  for (const [i, text] of texts.entries()) {
    for (const language of ["es", "fr", "hi", "ar"]) {
      const corpus = join(folder, `seed-${i}-${language}`);
      await importCorpus([text], corpus, { kind: "text", language, keepGoing: true });
      corpora.push(corpus);
    }
  }
  const documents = [];
  for (const corpus of corpora) for await (const document of readCorpus(corpus)) documents.push(document);
  return documents;
}
