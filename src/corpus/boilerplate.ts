// Boilerplate: lines that a site prints around every page (menus, cookie banners, share buttons, copyright), in six languages.

/** A line longer than this many characters is prose that mentions such a thing. */
const LONGEST = 240;
/** Buttons and menu entries stand alone in short lines. */
const LONGEST_BUTTON = 60;

/** Whole lines, but for punctuation around them: buttons and menu entries. */
const BUTTONS = [
  // en
  "skip to (?:main )?(?:content|navigation)|toggle navigation|main menu|back to top|go to top|home|sign in|log ?in|sign up|register|subscribe(?: now)?|read more|learn more|see more|show more|load more|click here|print(?: this page)?|e-?mail this page|share(?: this)?(?: page| article)?|tweet|pin it|like us on facebook|follow us(?: on .{1,30})?|share on (?:facebook|twitter|x|whatsapp|linkedin)|facebook|twitter|linkedin|pinterest|whatsapp|instagram|youtube|advertisement|sponsored|related (?:articles|posts|links)|previous(?: article| post)?|next(?: article| post)?|leave a (?:comment|reply)|comments|terms (?:of (?:use|service)|and conditions)|privacy policy|cookie (?:policy|settings)|accept(?: all)?(?: cookies)?|contact us|about us|site ?map|download pdf|copy link|table of contents",
  // zh
  "返回(?:顶部|首页|列表)|首页|网站(?:首页|地图)|登录|注册|立即注册|点击(?:这里|查看|下载|进入).{0,8}|查看(?:更多|全文|原文)|阅读(?:更多|全文|原文)|更多(?:内容|文章)?|分享(?:到|至).{0,12}|分享|收藏|打印(?:本页)?|上一(?:篇|页).{0,20}|下一(?:篇|页).{0,20}|相关(?:阅读|文章|推荐|链接)|热门(?:推荐|文章)|推荐阅读|发表评论|我要评论|联系我们|关于我们|隐私(?:政策|声明)|免责声明|使用条款|广告|扫一扫.{0,16}|微信扫码.{0,12}|关注(?:我们|公众号).{0,12}|责任编辑[:：].{0,10}",
  // fr
  "aller au contenu(?: principal)?|accueil|menu|se connecter|connexion|s.inscrire|s.abonner|lire (?:la suite|plus)|en savoir plus|voir plus|cliquez ici|imprimer|partager(?: (?:sur|cet article|cette page).{0,24})?|suivez-nous.{0,24}|retour en haut(?: de page)?|articles? (?:similaires?|connexes?|liés)|article (?:précédent|suivant)|laisser un commentaire|commentaires|mentions légales|politique de confidentialité|conditions (?:générales )?d.utilisation|nous contacter|contact|à propos|plan du site|publicité|tout accepter|tout refuser|gérer (?:les|mes) cookies",
  // es
  "(?:saltar|ir) al contenido(?: principal)?|inicio|menú|iniciar sesión|acceder|regístrate|registrarse|suscríbete|suscribirse|leer más|ver más|saber más|más información|haga clic aquí|haz clic aquí|imprimir|compartir(?: (?:en|este artículo|esta página).{0,24})?|síguenos.{0,24}|volver arriba|artículos relacionados|artículo (?:anterior|siguiente)|deja(?:r)? un comentario|comentarios|aviso legal|política de (?:privacidad|cookies)|términos y condiciones|contáctenos|contacto|quiénes somos|mapa del sitio|publicidad|aceptar(?: todas?)?(?: las)?(?: cookies)?|rechazar todas?",
  // hi
  "मुख्य (?:सामग्री|पृष्ठ).{0,16}|होम|मुख पृष्ठ|लॉग ?इन(?: करें)?|साइन ?इन(?: करें)?|रजिस्टर करें|सब्सक्राइब करें|और पढ़ें|आगे पढ़ें|पूरा पढ़ें|यहाँ क्लिक करें|यहां क्लिक करें|शेयर करें|साझा करें|प्रिंट करें|ऊपर जाएं|संबंधित (?:लेख|खबरें)|यह भी पढ़ें.{0,4}|पिछला लेख|अगला लेख|टिप्पणी करें|हमसे संपर्क करें|संपर्क करें|हमारे बारे में|गोपनीयता नीति|नियम और शर्तें|विज्ञापन|फॉलो करें.{0,16}",
  // ar
  "(?:تخطي|تخط|انتقل) إلى المحتوى.{0,12}|الرئيسية|الصفحة الرئيسية|القائمة|تسجيل الدخول|تسجيل|اشترك(?: الآن)?|اقرأ (?:المزيد|أيضا|أيضًا|ايضا).{0,4}|المزيد|اضغط هنا|انقر هنا|شارك(?:ها)?(?: على)?.{0,16}|مشاركة.{0,12}|طباعة|تابعنا.{0,16}|العودة (?:إلى|الى) (?:الأعلى|الاعلى)|مقالات ذات صلة|مواضيع ذات صلة|المقال (?:السابق|التالي)|اترك (?:تعليقا|تعليقًا)|التعليقات|اتصل بنا|من نحن|سياسة الخصوصية|شروط الاستخدام|إعلان|خريطة الموقع|قبول (?:الكل|الجميع)",
];

/** Anywhere in a line: what no medical text says. */
const NOTICES = [
  // en
  "all rights reserved|(?:©|copyright(?:\\s*\\(c\\))?)\\s*\\d{4}|(?:we|this (?:web)?site) uses? cookies|accept (?:all )?cookies|cookie preferences|by continuing to (?:use|browse) (?:this|our) site|enable javascript|your browser does not support|sign up for (?:our|the) newsletter|subscribe to our (?:newsletter|channel)|you must be logged in to|reproduction .{0,30}(?:prohibited|without permission)|share this (?:article|page|post) (?:on|via|with)|click here to (?:subscribe|download|register|sign up)",
  // zh
  "版权所有|保留所有权利|未经(?:许可|授权).{0,10}(?:转载|使用)|转载请注明|ICP备\\s*\\d|京公网安备|本(?:网站|站)使用\\s*cookie|请启用\\s*javascript|扫描二维码|关注微信公众号|本文来源(?:于)?[:：]|(?:微信|微博|QQ空间)\\s+(?:微信|微博|QQ空间)",
  // fr
  "tous droits réservés|(?:ce|notre) site utilise des cookies|nous utilisons des cookies|en poursuivant votre navigation|veuillez activer javascript|inscrivez-vous à (?:notre|la) newsletter|abonnez-vous à (?:notre|la)|reproduction (?:totale ou partielle )?interdite|partagez cet article",
  // es
  "todos los derechos reservados|(?:este|nuestro) sitio (?:web )?(?:utiliza|usa) cookies|(?:utilizamos|usamos) cookies|si continúa navegando|active javascript|suscríbete a nuestr[oa]|suscríbase a nuestr[oa]|prohibida (?:su|la) reproducción|comparte este artículo",
  // hi
  "सर्वाधिकार सुरक्षित|यह (?:वेब)?साइट कुकीज़?|हम कुकीज़?|हमारे न्यूज़लेटर|जावास्क्रिप्ट सक्षम|इस लेख को शेयर करें|बिना अनुमति के.{0,20}(?:प्रकाशन|उपयोग)",
  // ar
  "جميع الحقوق محفوظة|كل الحقوق محفوظة|حقوق النشر|يستخدم (?:هذا )?الموقع ملفات تعريف الارتباط|نستخدم ملفات تعريف الارتباط|ملفات تعريف الارتباط \\(|تفعيل جافا ?سكريبت|اشترك في نشرتنا|شارك (?:هذا )?(?:المقال|الموضوع)",
];

const EDGE = "[\\s\\p{P}\\p{S}\\d]*";
const BUTTON = new RegExp(`^${EDGE}(?:${BUTTONS.join("|")})${EDGE}$`.normalize("NFC"), "iu");
const NOTICE = new RegExp(NOTICES.join("|").normalize("NFC"), "iu");
/** Entries of a menu or a row of share buttons on one line. */
const SEPARATOR = /\s*[|›»>·•/]\s*|\s{2,}|\t/u;
/** Each entry between separators is short; three of them make a menu. */
const MENU_ENTRIES = 3;

/** True for a line of a page's frame. Sentences of a text that speak of cookies or copyright stay unless they are such notices. */
export function isBoilerplate(line: string): boolean {
  if (line.length > LONGEST) return false;
  if (line.length <= LONGEST_BUTTON && BUTTON.test(line)) return true;
  if (NOTICE.test(line)) return true;
  const entries = line.split(SEPARATOR).filter((entry) => entry !== "");
  return (
    entries.length >= MENU_ENTRIES &&
    entries.filter((entry) => BUTTON.test(entry)).length > entries.length / 2
  );
}
