import { WARM } from "./praise.ts";
import type { Rule } from "./rule.ts";

/**
 * Where no other rule is sure. Whoever tells something, asks for nothing and praises nothing most likely complains, in words
 * that no list of phrases has; the more so with a "not" or an "again" in it.
 */
export const LAST_RESORT: readonly Rule[] = [
  {
    name: "tells of something gone wrong",
    tag: "complaint",
    weight: 0.5,
    reads: "customer",
    phrases: {
      ru: `
    не|нет|нельзя|невозможно|никак|никто|вообще|даже|опять|снова|почему|хотя|без|только|плохо|зря|уже|до сих пор`,
      en: "not|no|never|without|nothing|nobody|still|but|only|again|why|already|yet|too|bad|badly|wrong",
    },
    when: ["tells", "neither asks nor praises"],
    lastResort: true,
  },
  {
    name: "tells without asking",
    tag: "complaint",
    weight: 1,
    reads: "customer",
    when: ["tells", "neither asks nor praises"],
    lastResort: true,
  },
  {
    name: "tells who or where they are",
    tag: "complaint",
    weight: -1,
    reads: "customer",
    phrases: {
      ru: `
    зовут; адрес*; улица|ул|дом|кв|квартира; телефон*; почта; размер; хорошо; ок; да; меня; это; согласен|согласна
    жду; буду; приеду`,
      en: `
    my name|address|phone|number|email|size; this is; street|road|avenue|flat|apartment; yes; ok|okay; i am|will
    it is me; see you`,
    },
    lastResort: true,
  },
  {
    name: "thanks",
    tag: "complaint",
    weight: -1.5,
    reads: "customer",
    phrases: { ru: "спасибо|спс|благодар*", en: "thank|thanks|thx|grateful" },
    lastResort: true,
  },
  {
    name: "warm words",
    tag: "complaint",
    weight: -1.5,
    reads: "customer",
    phrases: WARM,
    negatable: true,
    lastResort: true,
  },
  {
    name: "tells with warm words",
    tag: "praise",
    weight: 0.5,
    reads: "customer",
    phrases: WARM,
    negatable: true,
    when: ["tells", "asks nothing more"],
    lastResort: true,
  },
  {
    name: "thanks out of the blue",
    tag: "praise",
    weight: 1,
    reads: "customer",
    phrases: {
      ru: "спасибо|благодар*|приятно|рада|рад|рады|довольн*",
      en: "thank|thanks|grateful|pleasure|pleased|happy|glad",
    },
    negatable: true,
    when: ["alone", "tells", "asks nothing more"],
    lastResort: true,
  },
  {
    name: "nothing but an address of the web",
    tag: "spam",
    weight: 1,
    reads: "customer",
    phrases: { ru: "<link>", en: "" },
    when: ["alone", "asks nothing more"],
    lastResort: true,
  },
];
