// The words of a reproduction's page in Chinese.
import type { ReproduceWords } from "../reproduce-words.ts";

/** See `en`. */
export const zh: ReproduceWords = {
  title: "{model}，复现",
  rehearsedTitle: "{model}，预演",
  lead: "{base} 按已发表的方案在已发表的语料上训练，再做已发表的考题：结果与发表的一致吗？",
  rehearsedLead:
    "把 {base} 变成已发表模型的整条流程，用小型替身代替权重、语料和考题跑一遍：每个环节都成立吗？",
  row: "复现，{protocol}",
  rehearsedRow: "预演，{protocol}",
  beside: "与 {model} 对照：{protocol}",
  otherwise: "其他提问方式：{protocol}",
  run: "逐题查看这次运行",
  without: "缺 {list}",
  ours: "我们的",
  published: "已发表",
  difference: "差异",
  verdict: "结论",
  real: "真实",
  notShown: "未能证明",
  rehearsal: "预演",
  comparisonNote:
    "已发表：所印的正确率；它没有置信区间，因此视为对公开来源全部 n 题的一次抽样。差异：我们的减去已发表的，以百分点计，附 Newcombe 95\u00a0% 区间。p：双侧两比例 z 检验；对各列作 Holm 校正。“真实”指校正后低于 {level}；“未能证明”不等于相同，只说明这么多题还分辨不出。",
  gain: "训练带来的变化",
  gainTable: "训练后的模型与其基座模型",
  gainDifference: "训练后 − 基座",
  gainNote:
    "两个模型都按选项字母作答，同样的题，逐题配对比较：自助法区间，McNemar 精确检验。平均差异（百分点）：{points}。",
  baseRun: "基座模型自己的运行",
  loss: "损失",
  lossCurve: "损失从 {first} 降到 {last}",
  steps: "{n} 步",
  lossNote: "每步所学词元的平均损失（奈特）；步数：{steps}，每步行数：{batch}，最高学习率：{rate}。",
  trainingRun: "训练过程：按语言和来源的损失，速度",
  chain: "流程",
  stage: "阶段",
  artifact: "产物",
  key: "键",
  reports: "报告的内容",
  standIn: "替身",
  chainNote:
    "键是对决定产物的一切所作哈希的开头；对于下载的内容，则是提交号。方案 {recipe}，SHA-256 {hash}，协议 {protocol}。随机种子：语料顺序 {pack}，训练 {train}，考题 {bench}。Apollo {apollo}，Node {node}，llama.cpp {llamaCpp}。",
  everything: "全部内容，含完整哈希和设置：{chain}；模型卡：{card}。",
  caveats: {
    rehearsal: "这是用替身进行的预演：权重随机、规模极小，{model} 一行仅示形式。差异没有意义。",
    "no-published-prompts":
      "缺少已发表的提示词（--protocol-file），未运行已发表的协议：与发表行并列的结果是用别的方式提问得到的。",
    limit: "每个来源最多问 {n} 题。",
    "corrected-trainer": "训练时已纠正已发表训练程序的错误；若要照发表的做：--set protocol=published。",
    "no-intervals": "已发表的数字没有区间也没有题数：每个都视为其来源全部公开题目的结果。",
    decontaminated: "去污染所用的规则比发表的规则找得更多：已发表模型可能见过的考题不在这份语料中。",
  },
};
