import { describe, expect, test } from "@jest/globals";
import type { Said } from "../../../../scripts/lib/sources/umnico/items.ts";
import { randomOf } from "../../../helpers/hostile.ts";
import { keysOf, Store, says } from "./windows.ts";

const keysIn = (dialog: string, ...said: Said[]) => keysOf(dialog, said).map(({ key }) => key);
const texts = (history: readonly Said[]) => history.map(({ content }) => content);

describe("A message's key", () => {
  test("is the same wherever the window begins", () => {
    const history = [says("a", 1), says("b", 2), says("b", 3)];
    expect(keysIn("501", ...history).slice(1)).toEqual(keysIn("501", ...history.slice(1)));
    expect(keysIn("501", ...history)[0]).toMatch(/^[0-9a-f]{32}$/);
  });

  test("differs by dialog, direction, minute, text and the ordinal among equals", () => {
    const keys = [
      ...keysIn("501", says("a", 1), says("a", 1), says("<a", 1), { ...says("a", 1), direction: "outgoing" }),
      ...keysIn("501", says("a", 2)),
      ...keysIn("502", says("a", 1)),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });

  test("is the same with the seconds told and not, and however white space is shown", () => {
    expect(keysIn("501", says("two\nlines ", 1, 30))).toEqual(keysIn("501", says("two  lines", 1)));
  });

  test("can't be made to read like another's", () => {
    expect(keysIn('501","incoming', says("a", 1))).not.toEqual(keysIn("501", says('incoming","a', 1)));
  });
});

describe("A window that shifts", () => {
  test("adds what is new, and nothing twice", () => {
    const store = new Store();
    const history = Array.from({ length: 100 }, (_, n) => says(n % 3 === 0 ? "ok" : `text ${n}`, Math.floor(n / 4)));
    for (let end = 30; end <= 100; end += 7) store.add(history.slice(end - 30, end));
    store.add(history.slice(70));
    expect(store.texts()).toEqual(texts(history));
  });

  test("that begins within the newest stored minute goes on from where that ends", () => {
    const store = new Store();
    store.add([says("a", 1), says("b", 1), says("ok", 1)]);
    expect(store.add([says("b", 1), says("ok", 1), says("ok", 1), says("a", 1), says("c", 2)])).toBe(3);
    expect(store.texts()).toEqual(["a", "b", "ok", "ok", "a", "c"]);
  });

  test("that begins within an older minute knows all of it", () => {
    const store = new Store();
    store.add([says("ok", 1), says("a", 1), says("ok", 1), says("b", 2)]);
    expect(store.add([says("ok", 1), says("b", 2), says("c", 3)])).toBe(1);
  });

  test("that reaches further back adds what lies before, in its place", () => {
    const store = new Store();
    store.add([says("c", 1), says("d", 1)]);
    const window = [says("z", 0), says("a", 1), says("c", 1), says("d", 1), says("e", 1)];
    expect(store.add(window, { cut: false })).toBe(3);
    expect(store.texts()).toEqual(texts(window));
    expect(store.add(window)).toBe(0);
  });

  test("that is whole is taken as it is: nothing of it is doubled, whatever is stored of it", () => {
    const whole = ["ok", "b", "ok", "c", "ok"].map((text) => says(text, 1));
    for (const stored of [whole.slice(2), [whole[0], whole[2]], [...whole, says("gone at the source", 1)]]) {
      const store = new Store();
      store.add(stored.filter((one) => one !== undefined));
      store.add(whole, { cut: false });
      expect(
        store
          .texts()
          .filter((text) => text !== "gone at the source")
          .toSorted(),
      ).toEqual(texts(whole).toSorted());
    }
  });

  test("that holds a message in quarantine still recognises those around it", () => {
    const store = new Store();
    const window = [says("a", 1), says("bad", 1), says("b", 1)];
    store.aside.add(keysIn("501", ...window)[1] ?? "");
    store.add(window);
    expect(store.add([...window, says("c", 1)])).toBe(1);
    expect(store.texts()).toEqual(["a", "b", "c"]);
  });

  test("that begins after the first stored message recognises those around one in quarantine, too", () => {
    const store = new Store();
    const history = ["x", "a", "bad", "b", "c"].map((text) => says(text, 1));
    store.aside.add(keysIn("501", ...history)[2] ?? "");
    store.add(history.slice(0, 4));
    expect(store.add(history.slice(1))).toBe(1);
    expect(store.texts()).toEqual(["x", "a", "b", "c"]);
  });

  test("brings back a message that was deleted, and doubles none around it", () => {
    const store = new Store();
    const window = [says("a", 1), says("b", 1), says("c", 1)];
    store.add(window);
    store.forget(store.keys()[1] ?? "");
    expect(store.add([...window, says("d", 1)])).toBe(2);
    expect(store.texts().toSorted()).toEqual(["a", "b", "c", "d"]);
  });
});

/** A history with many equal texts, and times that go on by 0 to 2 minutes. */
function historyOf(random: () => number, length: number): Said[] {
  let minute = 0;
  return Array.from({ length }, () => {
    if (random() < 0.4) minute += Math.floor(random() * 3);
    return says(["ok", "yes", "<ok", "<hello"][Math.floor(random() * 4)] ?? "", minute);
  });
}

/**
 * Windows of a growing history: each begins not before the last and reaches back to a message that is stored, and to a minute's
 * beginning where the texts alone could not tell which of the equal ones it shows.
 */
test("any sequence of windows over a growing history gives exactly the history, once and in its order", () => {
  for (let seed = 1; seed <= 400; seed++) {
    const random = randomOf(seed);
    const history = historyOf(random, 60);
    const store = new Store();
    let [from, end] = [0, 0];
    while (end < history.length) {
      const stored = end;
      end = Math.min(history.length, end + Math.floor(random() * 8));
      const newest = history[stored - 1]?.moment.minute ?? -1;
      const certain = history.findIndex(({ moment }) => moment.minute === newest);
      const latest = Math.max(from, Math.min(certain, stored - 1));
      from = stored === 0 ? 0 : from + Math.floor(random() * (latest - from + 1));
      store.add(history.slice(from, end));
    }
    expect({ seed, texts: store.texts() }).toEqual({ seed, texts: texts(history) });
  }
});

test("windows that begin anywhere give exactly the history, where no text comes twice in a minute", () => {
  for (let seed = 1; seed <= 400; seed++) {
    const random = randomOf(seed);
    let minute = 0;
    const history = Array.from({ length: 60 }, (_, n) => {
      if (random() < 0.2) minute += 1;
      return says(`text ${n}`, minute);
    });
    const store = new Store();
    let [from, end] = [0, 0];
    while (end < history.length) {
      const stored = end;
      end = Math.min(history.length, end + Math.floor(random() * 8));
      if (stored > 0) from += Math.floor(random() * (stored - from));
      store.add(history.slice(from, end));
    }
    expect({ seed, texts: store.texts() }).toEqual({ seed, texts: texts(history) });
  }
});

describe("The time of a message", () => {
  const SECOND = 1_000_000;

  test("is its place in the minute, at most 59 seconds, and always after the one before", () => {
    const store = new Store();
    store.add(
      Array.from({ length: 70 }, (_, n) => says(`text ${n}`, 1)),
      { cut: false },
    );
    const times = store.times();
    expect(times.slice(0, 3)).toEqual([60, 61, 62].map((seconds) => seconds * SECOND));
    expect(times.slice(58, 62)).toEqual([118 * SECOND, 119 * SECOND, 119 * SECOND + 1, 119 * SECOND + 2]);
    expect(store.texts()).toEqual(Array.from({ length: 70 }, (_, n) => `text ${n}`));
  });

  test("is kept as it is where the source tells the seconds; equal ones keep their order", () => {
    const store = new Store();
    store.add([says("a", 1, 30), says("b", 1, 30), says("c", 1, 31), says("d", 2)]);
    expect(store.times()).toEqual([90 * SECOND, 90 * SECOND + 1, 91 * SECOND, 120 * SECOND]);
  });

  test("follows what is stored of that minute, also where that tells its seconds", () => {
    const store = new Store();
    store.add([says("a", 1, 30)]);
    store.add([says("a", 1), says("b", 1)]);
    expect(store.texts()).toEqual(["a", "b"]);
  });
});
