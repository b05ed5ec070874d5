// One spelling for many: what people type, misspelt, without accents or in another digit set, as the red-flag list expects it.

const CONTRACTION = /['’‘`´](t|s|re|ve|ll|m|d)(?![\p{L}\p{M}])/gu;
const ARABIC_LETTERS: Readonly<Record<string, string>> = {
  ...{
    أ: "ا",
    إ: "ا",
    آ: "ا",
    ٱ: "ا",
    ى: "ي",
    ی: "ي",
    ة: "ه",
    ؤ: "و",
    ئ: "ي",
    گ: "ك",
    ک: "ك",
    ڤ: "ف",
    پ: "ب",
    چ: "ج",
  },
};
/** Traditional characters of the list and of common questions, each followed by its simplified form. */
const SIMPLIFIED = new Map(
  (
    "們们個个這这來来為为會会時时說说話话講讲頭头臉脸腫肿脹胀嚴严熱热燒烧發发僵僵頸颈脖脖撐撑後后裡里裏里邊边無无沒没氣气喘喘" +
    "麻麻痠酸悶闷壓压痛痛體体動动喚唤醒醒應应覺觉覺觉過过還还藥药當当點点鐘钟關关開开閃闪飛飞視视線线顆颗齒齿顎颚喉喉嚨咙嗎吗" +
    "麼么甚什麽么與与從从見见親亲爺爷媽妈爸爸兒儿孫孙婦妇產产懷怀寶宝嬰婴奶奶歲岁難难嘔呕綠绿吐吐濕湿渾浑腦脑撞撞複复問问題题樣样" +
    "車车禍祸樓楼梯梯剛刚斷断離离機机電电觸触湯汤燙烫傷伤臟脏髒脏癲癫癇痫發发羊羊暈晕倒倒阿阿響响紅红腳脚腿腿陰阴囊囊蛋蛋" +
    "嬤嬷飲饮鈕纽標标麵面蝦虾擔担憂忧鬱郁煙烟墜坠鎖锁鬆松軟软膽胆縮缩緊紧乾干嗆呛淚泪異异寫写別别飯饭餓饿號号負负擋挡潰溃導导顫颤擺摆擠挤勁劲漲涨鋸锯鐵铁釘钉螞蚂螫蜇罵骂願愿終终圍围顧顾愛爱潔洁廁厕滌涤鹽盐鹼碱驚惊脫脱膚肤濃浓糾纠聯联絡络細细繩绳總总綁绑維维續续纏缠滿满陣阵慘惨啞哑" +
    "尿尿屎屎糞粪臍脐帶带盤盘測测糖糖島岛針针劑剂農农滅灭鼠鼠誤误喫吃強强姦奸殺杀脅胁懼惧壞坏嚇吓掙挣結结束束遺遗書书絕绝" +
    "請请謝谢讓让給给誰谁隻只條条張张雙双側侧紀纪齡龄週周歷历劇剧鬧闹變变藍蓝紫紫萬万幾几兩两單单處处辦办預预癥症診诊" +
    "療疗醫医護护衛卫檢检驗验選选項项確确錯错認认識识記记憶忆經经網网龍龙蟲虫蠍蝎貓猫隨随將将對对學学習习國国際际臺台灣灣"
  )
    .match(/../gu)
    ?.map((pair) => [...pair] as [string, string]) ?? [],
);
const DIGITS = /[\u0660-\u0669\u06f0-\u06f9\u0966-\u096f]/gu;

/** Lower case, one form of every letter and digit, no accents, no marks that are often left out, no letters drawn out. */
export function normalise(text: string): string {
  return (
    text
      .normalize("NFKC")
      .toLowerCase()
      .replace(/[\u200b-\u200f\u202a-\u202e\u2066-\u2069\u064b-\u065f\u0670\u0640\u093c]/gu, "")
      .replace(/([a-zà-ɏ])[\u0300-\u036f]*/giu, (letter) =>
        letter.normalize("NFD").replace(/[\u0300-\u036f]/gu, ""),
      )
      .replace(/œ/gu, "oe")
      .replace(/[\u0958-\u095f]/gu, (letter) => letter.normalize("NFD").replaceAll("\u093c", ""))
      .replaceAll("\u0901", "\u0902")
      .replace(DIGITS, (digit) => String(digitValue(digit)))
      .replace(/[أإآٱىیةؤئگکڤپچ]/gu, (letter) => ARABIC_LETTERS[letter] ?? letter)
      .replace(/\p{Script=Han}/gu, (character) => SIMPLIFIED.get(character) ?? character)
      .replace(/(\d)[٫,](\d)/gu, "$1.$2")
      .replace(CONTRACTION, "$1")
      .replace(/['’‘`´]/gu, " ")
      // "heeeelp", "جداااا": a letter three times or more is a letter.
      .replace(/(\p{L})\1{2,}/gu, "$1")
      .replace(/[^\S\n]+/gu, " ")
      .trim()
  );
}

function digitValue(digit: string): number {
  const code = digit.codePointAt(0)!;
  return code - (code >= 0x966 ? 0x966 : code >= 0x6f0 ? 0x6f0 : 0x660);
}
