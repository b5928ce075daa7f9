import { COMPLAINT } from "./complaint.ts";
import { DELIVERY } from "./delivery.ts";
import { LAST_RESORT } from "./last-resort.ts";
import { NO_REPLY } from "./no-reply.ts";
import { PRAISE, PRAISES } from "./praise.ts";
import { ASKS, QUESTION } from "./question.ts";
import { REFUND_REQUESTED } from "./refund-requested.ts";
import { CLOSES, RESOLVED } from "./resolved.ts";
import type { Rule, Sign } from "./rule.ts";
import { SPAM } from "./spam.ts";

/** Every rule. Their order has no meaning: it is the list of tags that says which tag goes before which. */
export const RULES: readonly Rule[] = [
  ...SPAM,
  ...REFUND_REQUESTED,
  ...COMPLAINT,
  ...DELIVERY,
  ...NO_REPLY,
  ...PRAISE,
  ...RESOLVED,
  ...QUESTION,
  ...LAST_RESORT,
];

export const SIGNS: readonly Sign[] = [ASKS, CLOSES, PRAISES];
