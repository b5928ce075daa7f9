/** What a person reads of a text that may hold HTML: tags go, entities become characters, blocks begin new lines. */

/** A tag of HTML. Other words in angle brackets, such as `List<String>`, are text. */
const TAGS = new Set(
  (
    "a abbr address article aside b big blockquote body br caption center cite code col colgroup dd del details div dl dt " +
    "em figcaption figure font footer form h1 h2 h3 h4 h5 h6 head header hr html i img ins kbd label li link main mark " +
    "meta nav ol p pre q s samp section small span strike strong style script sub summary sup table tbody td tfoot th " +
    "thead title tr tt u ul var wbr"
  ).split(" "),
);
/** They stand on lines of their own. */
const BLOCKS = new Set(
  (
    "address article aside blockquote caption center dd div dl dt figure footer form h1 h2 h3 h4 h5 h6 header hr li main " +
    "nav ol p pre section table tr ul"
  ).split(" "),
);
/** What stands between these is not for people. */
const HIDDEN = new Set(["script", "style", "head", "title"]);

const TAG = /<(\/?)([a-z][a-z0-9]*)(?:\s[^<>]*|\/)?>|<!--|<!doctype[^<>]*>/giy;

const ENTITY = /&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z][a-z0-9]{1,11}));/gi;
const NAMED: Readonly<Record<string, string>> = {
  ...{ amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: "\u00a0", shy: "", copy: "©", reg: "®", trade: "™" },
  ...{ hellip: "…", ndash: "–", mdash: "—", lsquo: "‘", rsquo: "’", ldquo: "“", rdquo: "”", laquo: "«", raquo: "»" },
  ...{ bull: "•", middot: "·", euro: "€", pound: "£", cent: "¢", yen: "¥", deg: "°", sect: "§", para: "¶", times: "×" },
  ...{ zwnj: "\u200c", zwj: "\u200d", ensp: "\u2002", emsp: "\u2003", thinsp: "\u2009" },
};

/** A text that somebody typed: its lines stay as they are. */
export const plainText = (text: string): string => tidy(withoutTags(text));

/** A text that is HTML where it holds any tag: then white space in it means nothing. */
export const textOfHtml = (html: string): string => {
  const { text, tags } = withoutTags(html);
  return tags === 0 ? tidy({ text, tags }) : tidy(withoutTags(html.replace(/\s+/g, " ")));
};

interface Stripped {
  readonly text: string;
  /** How many tags there were. */
  readonly tags: number;
}

/** Reads from left to right once; what is never closed costs one look for its end. */
function withoutTags(source: string): Stripped {
  const kept: string[] = [];
  const ends = endsIn(source);
  let tags = 0;
  let from = 0;
  /** The last character that is kept, white space between two tags aside. */
  let last = "";
  for (let at = source.indexOf("<"); at >= 0; at = source.indexOf("<", at)) {
    TAG.lastIndex = at;
    const [whole, slash, name = ""] = TAG.exec(source) ?? [];
    const tag = name.toLowerCase();
    const end = whole === undefined || (name !== "" && !TAGS.has(tag)) ? undefined : endOf(at, whole, slash, tag, ends);
    if (end === undefined) {
      at += 1;
      continue;
    }
    tags += 1;
    const text = source.slice(from, at);
    if (text.trim() !== "") last = text.slice(-1);
    const gap = gapOf(tag, last);
    kept.push(text, gap);
    last = gap === "" ? last : gap;
    from = end;
    at = end;
  }
  kept.push(source.slice(from));
  return { text: decoded(kept.join("")), tags };
}

/** What stands where a tag was. Several blocks that begin or end at one place make one line end. */
function gapOf(tag: string, last: string): string {
  if (tag === "br") return "\n";
  if (tag === "td" || tag === "th") return " ";
  return BLOCKS.has(tag) && last !== "\n" ? "\n" : "";
}

/** Where what begins with this tag ends: behind the tag, or behind all that it hides. */
function endOf(at: number, whole: string, slash: string | undefined, tag: string, ends: Ends): number | undefined {
  const behind = at + whole.length;
  if (whole === "<!--") return ends("-->", behind);
  if (slash === "/" || !HIDDEN.has(tag)) return behind;
  return ends(`</${tag}>`, behind) ?? behind;
}

type Ends = (mark: string, from: number) => number | undefined;

/** The place behind the next mark. A mark that is not to be found is not looked for again. */
function endsIn(source: string): Ends {
  const missing = new Set<string>();
  let lower: string | undefined;
  return (mark, from) => {
    if (missing.has(mark)) return undefined;
    lower ??= source.toLowerCase();
    // Some letters have a longer form in lower case: then places would not fit.
    const found = (lower.length === source.length ? lower : source).indexOf(mark, from);
    if (found < 0) missing.add(mark);
    return found < 0 ? undefined : found + mark.length;
  };
}

const decoded = (text: string): string =>
  text.replace(ENTITY, (whole, decimal?: string, hex?: string, name?: string) => {
    if (name !== undefined) return NAMED[name] ?? NAMED[name.toLowerCase()] ?? whole;
    const code = decimal === undefined ? Number.parseInt(hex ?? "", 16) : Number(decimal);
    return code === 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) ? whole : String.fromCodePoint(code);
  });

/** Without white space at both ends; where tags were taken out, without the gaps that they leave. */
function tidy({ text, tags }: Stripped): string {
  if (tags === 0) return text.trim();
  const lines = text.split("\n").map((line) => line.trim());
  return lines
    .join("\n")
    .replace(/\n{3,}/g, "\n\n")
    .trim();
}
