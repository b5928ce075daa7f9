import type { Rule } from "./rule.ts";

/**
 * Where no other rule is sure: whoever writes at length, asks nothing, praises nothing and says "not" or "again" most likely
 * complains, in words that no list of phrases has.
 */
export const LAST_RESORT: readonly Rule[] = [
  {
    name: "tells of something gone wrong",
    tag: "complaint",
    weight: 0.7,
    reads: "customer",
    phrases: {
      ru: "не|нет|нельзя|невозможно|никак|никто|вообще|даже|опять|снова|почему|хотя|без|только|плохо|зря|уже|до сих пор",
      en: "not|no|never|without|nothing|nobody|still|but|only|again|why|already|yet|too|bad|badly|wrong",
    },
    when: ["tells", "neither asks nor praises"],
    lastResort: true,
  },
  {
    name: "tells without asking",
    tag: "complaint",
    weight: 0.3,
    reads: "customer",
    when: ["tells", "neither asks nor praises"],
    lastResort: true,
  },
  {
    name: "thanks out of the blue",
    tag: "praise",
    weight: 1,
    reads: "customer",
    phrases: {
      ru: "спасибо|благодарю|благодарим|благодарность|приятно|рада|рад|рады|довольн*",
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
