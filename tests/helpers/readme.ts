/** Reads what a Markdown page promises: its code blocks, options, npm scripts and links. */

/** A fenced block, in the order of the page. */
export interface Block {
  readonly language: string;
  readonly text: string;
  /** Whether the comment that stands right before it takes it out of the test. */
  readonly isSetUp: boolean;
}

const BLOCK = /^(<!-- set-up:.*-->\n)?```(\w+)\n(.*?)^```$/gms;

export const blocksOf = (page: string): Block[] =>
  [...page.matchAll(BLOCK)].map(([, mark, language = "", text = ""]) => ({
    language,
    text,
    isSetUp: mark !== undefined,
  }));

/** The commands of a block of shell, one a line. */
export const linesOf = ({ text }: Block): string[] => text.split("\n").filter((line) => line.trim() !== "");

/** Every `--option` that the page names. */
export const optionsIn = (page: string): string[] => [
  ...new Set([...withoutComments(page).matchAll(/(?<![-\w])--([a-z][a-z-]*)/g)].map(([, name = ""]) => name)),
];

/** Every npm script that the page names, as `npm run x`, `npm test` or `npm start`. */
export const npmScriptsIn = (page: string): string[] => [
  ...new Set([...page.matchAll(/\bnpm (?:run ([\w:-]+)|(test))/g)].map(([, run, test]) => run ?? test ?? "")),
];

/** Where the page's links lead, those to other sites left out. */
export const linksIn = (page: string): string[] =>
  [...page.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target).filter((target) => !/^[a-z]+:/.test(target));

/** The headings of a page as GitHub makes anchors of them. */
export const anchorsIn = (page: string): string[] =>
  [...page.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\w -]/g, "")
      .replaceAll(" ", "-"),
  );

const withoutComments = (page: string): string => page.replace(/<!--.*?-->/gs, "");
