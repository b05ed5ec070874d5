// A model's Markdown as safe HTML: sanitised, every block with a direction of its own, left-to-right runs isolated in
// right-to-left text, and nothing that loads anything.
import DOMPurify from "dompurify";
import { Marked } from "marked";
import { hasRightToLeft, splitRuns, stripDirectionControls } from "../src/medical/index.ts";

const marked = new Marked({
  gfm: true,
  breaks: true,
  renderer: {
    // HTML that a model writes is shown as what it is, text; line breaks are common in tables and do no harm.
    html: ({ text }) => (/^<br\s*\/?>$/i.test(text.trim()) ? "<br>" : escapeHtml(text)),
  },
});

const ALLOWED_TAGS = [
  ...["p", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "ul", "ol", "li"],
  ...["strong", "em", "del", "code", "pre", "a", "table", "thead", "tbody", "tr", "th", "td", "sup", "sub"],
];
const TEXT_BLOCKS = "p, li, h3, h4, h5, h6, th, td";
const CONTAINERS = "ul, ol, blockquote, table";

/** Renders Markdown to HTML that may be inserted into the page. */
export function renderMarkdown(markdown: string): string {
  const html = marked.parse(stripDirectionControls(markdown), { async: false });
  const fragment = DOMPurify.sanitize(html, {
    ALLOWED_TAGS,
    ALLOWED_ATTR: ["href", "start"],
    ALLOWED_URI_REGEXP: /^(?:https?|mailto|tel):/i,
    RETURN_DOM_FRAGMENT: true,
  });
  lowerHeadings(fragment);
  for (const link of fragment.querySelectorAll("a")) {
    link.setAttribute("rel", "noopener noreferrer nofollow");
    link.setAttribute("target", "_blank");
  }
  for (const code of fragment.querySelectorAll("pre, code")) code.setAttribute("dir", "ltr");
  // A wide block scrolls by itself; the keyboard must be able to reach it for that.
  for (const block of fragment.querySelectorAll("pre, table")) block.setAttribute("tabindex", "0");
  // `dir=auto` passes over elements that have a direction of their own, so a list of such items needs its direction said.
  for (const container of fragment.querySelectorAll(CONTAINERS)) {
    container.setAttribute("dir", startsRightToLeft(container.textContent ?? "") ? "rtl" : "ltr");
  }
  for (const block of fragment.querySelectorAll(TEXT_BLOCKS)) block.setAttribute("dir", "auto");
  isolateRuns(fragment);
  const holder = document.createElement("div");
  holder.append(fragment);
  return holder.innerHTML;
}

function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** The page's own headings are h1 and h2: an answer's begin below them. */
function lowerHeadings(fragment: DocumentFragment): void {
  const lowest = 6;
  for (const heading of fragment.querySelectorAll("h1, h2, h3, h4, h5, h6")) {
    const level = Math.min(Number(heading.tagName[1]) + 2, lowest);
    const lowered = document.createElement(`h${level}`);
    lowered.append(...heading.childNodes);
    heading.replaceWith(lowered);
  }
}

function startsRightToLeft(text: string): boolean {
  const first = splitRuns(text).find((run) => !run.ltr && /\p{L}/u.test(run.text));
  return first !== undefined && hasRightToLeft(first.text);
}

function isolateRuns(fragment: DocumentFragment): void {
  for (const block of fragment.querySelectorAll(TEXT_BLOCKS)) {
    if (!hasRightToLeft(block.textContent ?? "")) continue;
    const texts: Text[] = [];
    const walker = document.createTreeWalker(block, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) texts.push(node as Text);
    for (const text of texts) {
      const inside = text.parentElement;
      if (inside === null || inside.closest("code, pre, bdi") !== null) continue;
      text.replaceWith(
        ...splitRuns(text.data).map((run) => {
          if (!run.ltr) return run.text;
          const isolate = document.createElement("bdi");
          isolate.dir = "ltr";
          isolate.textContent = run.text;
          return isolate;
        }),
      );
    }
  }
}
