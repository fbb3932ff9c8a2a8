import type { Item } from "./data.ts";
import type { Subject } from "./subjects.ts";

type Stored = Item & { _id: string };

/**
 * No engine: objects in Maps, found by what the functions of the bench look for and copied twice, as what crosses a
 * border must be, once on the way to the function and once on the way to its caller. What it takes longer for in a
 * greater set is the machine's doing: what is asked for lies farther from the processor.
 */
export function bare(): Subject {
  const byId = new Map<string, Stored>();
  const byKey = new Map<string, string>();
  const byGroup = new Map<string, string[]>();
  const copyOf = (id: string) => ({ ...{ ...byId.get(id)! } });
  const first = (group: string, count: number) =>
    byGroup.get(group)!.slice(0, count).map(copyOf);
  const answers: { [name: string]: (args: never) => unknown } = {
    "bench:insertItems": ({ items }: { items: Item[] }) =>
      items.map((item) => {
        const _id = `j57${String(byId.size).padStart(29, "0")}`;
        // As a parser makes it, and not as parts of another text.
        byId.set(_id, JSON.parse(JSON.stringify({ ...item, _id })));
        byKey.set(item.key, _id);
        const group = byGroup.get(item.group);
        if (group) group.push(_id);
        else byGroup.set(item.group, [_id]);
        return _id;
      }),
    "bench:nothing": () => null,
    "bench:get": ({ id }: { id: string }) => copyOf(id),
    "bench:unique": ({ key }: { key: string }) => copyOf(byKey.get(key)!),
    "bench:take": ({ group }: { group: string }) => first(group, 10),
    "bench:page": ({ group }: { group: string }) => first(group, 20),
  };
  const call = (name: string, args: unknown) =>
    Promise.resolve(answers[name]!(args as never));
  return {
    query: call,
    mutation: call,
    action: call,
    close: () => Promise.resolve(),
  };
}
