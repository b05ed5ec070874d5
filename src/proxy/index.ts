export { type Alignment, alignVocabularies } from "./align-vocabularies.ts";
export { createProxyModel, type ProxyModel, type ProxyOptions } from "./proxy-model.ts";
