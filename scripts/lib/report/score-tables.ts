/** An evaluation as tables of at most 100 columns, with nine tags of up to sixteen letters. */
import type { Table } from "../bench/table.ts";
import { type Evaluation, NO_ANSWER, type Scores, type TagScore } from "../classify/evaluate.ts";

/** The summary, then for all chats and for each language what became of each tag. */
export function tablesOf({ total, byLanguage }: Evaluation, title: string): Table[] {
  const languages = Object.entries(byLanguage);
  return [
    {
      title,
      head: ["", "chats", "right", "accuracy", "macro F1"],
      rows: [["all", total] as const, ...languages].map(([name, { chats, right, accuracy, macroF1 }]) => [
        name,
        String(chats),
        String(right),
        percentOf(accuracy),
        percentOf(macroF1),
      ]),
    },
    tagsTable("All languages", total),
    ...languages.map(([name, scores]) => tagsTable(`Language: ${name}`, scores)),
  ];
}

/** A tag's row of the confusion matrix, and beside it the tag's scores. */
function tagsTable(title: string, { tags, confusion }: Scores): Table {
  const names = tags.map(({ tag }) => tag);
  const refused = Object.values(confusion).some((row) => row[NO_ANSWER] !== undefined);
  const columns = refused ? [...names, NO_ANSWER] : names;
  const heads = columns.map((name, index) => (name === NO_ANSWER ? "?" : String(index + 1)));
  return {
    title,
    head: ["labelled ↓  answered →", ...heads, "precision", "recall", "F1"],
    rows: tags.map((score, index) => [
      `${index + 1} ${score.tag}`,
      ...columns.map((name) => cellOf(confusion[score.tag]?.[name])),
      ...sharesOf(score),
    ]),
    notes: refused ? ["?: the classifier gave no answer."] : [],
  };
}

const sharesOf = ({ precision, recall, f1 }: TagScore): string[] => [precision, recall, f1].map(percentOf);
const cellOf = (count = 0): string => (count === 0 ? "·" : String(count));
/** 0.8125 → "81.3 %"; a dash where there is no share. */
const percentOf = (share: number | null): string => (share === null ? "–" : `${(share * 100).toFixed(1)} %`);
