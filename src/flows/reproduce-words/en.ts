// The words of a reproduction's page in English: the measure of what the other languages must say.

/** `{name}` stands for a value; there is no markup. */
export const en = {
  title: "{model}, reproduced",
  rehearsedTitle: "{model}, rehearsed",
  lead: "{base} trained on the published corpus by the published recipe, then asked the published exam: is the result the published one?",
  rehearsedLead:
    "The chain that makes {base} into the published model, run on small stand-ins for weights, corpus and exam: does every link hold?",
  row: "Reproduced, {protocol}",
  rehearsedRow: "Rehearsal, {protocol}",
  beside: "Beside {model}: {protocol}",
  otherwise: "Asked otherwise: {protocol}",
  run: "The run, item by item",
  without: "without {list}",
  ours: "Ours",
  published: "Published",
  difference: "Difference",
  verdict: "Verdict",
  real: "real",
  notShown: "not shown",
  rehearsal: "rehearsal",
  comparisonNote:
    "Published: the accuracy as printed; it has no interval, so it is taken as one sample of all n items of the released source. Difference: ours minus published, in points, with Newcombe’s 95\u00a0% interval. p: two-proportion z test, two-sided; Holm over the columns. “Real” means below {level} after Holm; “not shown” does not mean equal, only that this many items cannot tell.",
  gain: "What training changed",
  gainTable: "Trained model against its base",
  gainDifference: "Trained − base",
  gainNote:
    "Both models asked by letters, the same items, compared in pairs: bootstrap interval, McNemar’s exact test. Mean difference in points: {points}.",
  baseRun: "The base’s own run",
  loss: "Loss",
  lossCurve: "Loss falls from {first} to {last}",
  steps: "{n} steps",
  lossNote:
    "Mean loss in nats over the learnt tokens of each step; steps: {steps}, rows a step: {batch}, peak learning rate: {rate}.",
  trainingRun: "The training run: loss by language and source, speed",
  chain: "The chain",
  stage: "Stage",
  artifact: "Artifact",
  key: "Key",
  reports: "What it reports",
  standIn: "a stand-in",
  chainNote:
    "Keys are the beginnings of hashes over everything that decides an artifact; of what was pulled, commits. Recipe {recipe}, SHA-256 {hash}, protocol {protocol}. Seeds: order of the corpus {pack}, training {train}, exam {bench}. Apollo {apollo}, Node {node}, llama.cpp {llamaCpp}.",
  everything: "Everything, with full hashes and settings: {chain}; the model’s card: {card}.",
  caveats: {
    rehearsal:
      "A rehearsal on stand-ins: random weights of no size, {model}’s row for the form only. The differences mean nothing.",
    "no-published-prompts":
      "The published protocol was not run, for want of its prompts (--protocol-file): what stands beside the published row was asked otherwise.",
    limit: "At most {n} items of each source were asked.",
    "corrected-trainer":
      "Trained with the published trainer’s faults put right; as published: --set protocol=published.",
    "no-intervals":
      "The published figures have no intervals and no item counts: each is taken to be of every released item of its source.",
    decontaminated:
      "Decontaminated by a rule that finds more than the published one did: exam items that the published model may have seen are not in this corpus.",
  },
};
