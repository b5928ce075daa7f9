/** What a made-up CRM remembers of its leads: written by people and by programs, each in their own way. */

const TIMES = ["mornings", "after 6 pm", "по утрам", "в выходные"];
const PETS = [[], ["dog"], ["cat", "dog"], [{ kind: "кошка", name: "Муся" }]];
const CITIES = ["Berlin", "Казань", "Leeds", "Тверь"];

type State = Readonly<Record<string, unknown>>;

/** The state of the lead with this number; one in three has none, and one in nine has secrets in it. */
export function makeState(index: number): State | undefined {
  if (index % 3 === 2) return undefined;
  const one = <T>(list: readonly T[]): T | undefined => list[Math.floor(index / 3) % list.length];
  return {
    preferred_time: one(TIMES),
    pets: one(PETS),
    returningCustomer: index % 2 === 0,
    address: { city: one(CITIES), floor: index % 12, entryCode: null },
    ...(index % 4 === 0 ? { VIPStatus: "gold", notes: "  просит перезвонить\n заранее " } : {}),
    ...(index % 9 === 0 ? { session_id: `made-up-${index}`, crm: { apiKey: `made-up-${index}`, version: 2 } } : {}),
  };
}
