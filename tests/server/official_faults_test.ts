/**
 * Convex's own client over WebSockets that are slow and break, by a seed: mutations, actions, followed queries and
 * pages, optimistic updates and changes of user at once.
 */
import { assert, assertEquals } from "@std/assert";
import { ConvexClient } from "convex/browser";
import {
  actionGeneric,
  defineSchema,
  defineTable,
  makeFunctionReference,
  mutationGeneric,
  paginationOptsValidator,
  queryGeneric,
} from "convex/server";
import { v } from "convex/values";
import { openEngine } from "../../src/engine/engine.ts";
import { openMemoryStore } from "../../src/store/memory_store.ts";
import { type Random, seededRandom } from "../../src/testing/random.ts";
import { startSyncServer } from "../support/sync_server.ts";
import { testScale, testSeed } from "../support/test_env.ts";

interface Item {
  k: number;
  tag: string;
}

const schema = defineSchema({
  items: defineTable({ k: v.number(), tag: v.string(), by: v.string() })
    .index("by_k", ["k"]).index("by_tag", ["tag"]),
});

type Args = { [name: string]: unknown };
const query = <Result>(name: string) =>
  makeFunctionReference<"query", Args, Result>(`items:${name}`);
const api = {
  list: query<Item[]>("list"),
  page: query<Item[]>("page"),
  count: query<number>("count"),
  below: query<object>("below"),
  who: query<string | null>("who"),
  add: makeFunctionReference<"mutation", Args, string>("items:add"),
  remove: makeFunctionReference<"mutation", Args, boolean>("items:remove"),
  addLater: makeFunctionReference<"action", Args, string>("items:addLater"),
};

const item = { k: v.number(), tag: v.string() };
const short = ({ k, tag }: Item) => ({ k, tag });

const modules = {
  items: {
    list: queryGeneric({
      args: {},
      handler: async (ctx) =>
        (await ctx.db.query("items").withIndex("by_k").collect() as never[])
          .map(short),
    }),
    page: queryGeneric({
      args: { paginationOpts: paginationOptsValidator },
      handler: async (ctx, { paginationOpts }) => {
        const page = await ctx.db.query("items").withIndex("by_k")
          .paginate(paginationOpts);
        return { ...page, page: (page.page as never[]).map(short) };
      },
    }),
    count: queryGeneric({
      args: {},
      handler: async (ctx) => (await ctx.db.query("items").collect()).length,
    }),
    below: queryGeneric({
      args: { k: v.number(), padding: v.number() },
      handler: async (ctx, { k, padding }) => ({
        tags: (await ctx.db.query("items")
          .withIndex("by_k", (q) => q.lt("k", k)).collect())
          .map(({ tag }) => tag),
        padding: "x".repeat(padding),
      }),
    }),
    who: queryGeneric({
      args: {},
      handler: async (ctx) =>
        (await ctx.auth.getUserIdentity())?.subject ?? null,
    }),
    add: mutationGeneric({
      args: item,
      handler: async (ctx, { k, tag }) => {
        const by = (await ctx.auth.getUserIdentity())?.subject ?? "nobody";
        await ctx.db.insert("items", { k, tag, by });
        return by;
      },
    }),
    remove: mutationGeneric({
      args: { tag: v.string() },
      handler: async (ctx, { tag }) => {
        const found = await ctx.db.query("items")
          .withIndex("by_tag", (q) => q.eq("tag", tag)).unique();
        if (found) await ctx.db.delete(found._id);
        return found !== null;
      },
    }),
    addLater: actionGeneric({
      args: item,
      handler: (ctx, args): Promise<unknown> => ctx.runMutation(api.add, args),
    }),
    tags: queryGeneric({
      args: {},
      handler: async (ctx) =>
        (await ctx.db.query("items").collect()).map(({ tag }) => tag),
    }),
  },
};

/** What is between a client and the server. */
interface Weather {
  chance: Random;
  isCalm: boolean;
  breaks: number;
}

/** A class of WebSockets whose messages take their time, in order, and which break now and then. */
function socketsIn(weather: Weather): typeof WebSocket {
  /** Hands messages on, one after another. */
  const wayTo = (deliver: (text: string) => void, breakOff: () => void) => {
    let last: Promise<void> = Promise.resolve();
    return (text: string) => {
      last = last.then(async () => {
        const { chance, isCalm } = weather;
        if (chance.below(4) === 0) {
          await new Promise((done) => setTimeout(done, chance.below(6)));
        }
        const isBroken = !isCalm && chance.below(150) === 0;
        if (isBroken) weather.breaks++;
        if (isBroken && chance.below(2) === 0) return breakOff();
        deliver(text);
        if (isBroken) breakOff();
      });
    };
  };
  return class {
    onopen: (() => void) | null = null;
    onmessage: ((event: { data: string }) => void) | null = null;
    onerror: ((event: unknown) => void) | null = null;
    onclose: ((event: { code: number; reason: string }) => void) | null = null;
    readonly #socket: WebSocket;
    readonly #out: (text: string) => void;
    #isOver = false;

    constructor(url: string) {
      const socket = this.#socket = new WebSocket(url);
      const end = (code: number, reason: string) => {
        if (this.#isOver) return;
        this.#isOver = true;
        socket.close();
        this.onclose?.({ code, reason });
      };
      const breakOff = () => end(1006, "");
      const come = wayTo(
        (data) => this.#isOver || this.onmessage?.({ data }),
        breakOff,
      );
      this.#out = wayTo(
        (text) => this.readyState === 1 && socket.send(text),
        breakOff,
      );
      socket.onopen = () => this.onopen?.();
      socket.onmessage = ({ data }) => come(data);
      socket.onerror = (event) => this.onerror?.(event);
      socket.onclose = ({ code, reason }) => end(code, reason);
    }

    get readyState(): number {
      return this.#isOver ? 3 : this.#socket.readyState;
    }

    send(text: string): void {
      this.#out(text);
    }

    close(): void {
      this.#isOver = true;
      this.#socket.close();
      const { onclose } = this;
      queueMicrotask(() => onclose?.({ code: 1000, reason: "" }));
    }
  } as unknown as typeof WebSocket;
}

/** An unsigned token of a user, as new as the client asks for. */
function tokenOf(user: string): string {
  const part = (content: object) =>
    btoa(JSON.stringify(content)).replace(/=+$/, "");
  const iat = Math.floor(Date.now() / 1000);
  return `${part({ alg: "none" })}.${
    part({ sub: user, iat, exp: iat + 3600 })
  }.`;
}

/** One client and what it is told, until all that it has begun is over. */
async function play(
  name: string,
  url: string,
  weather: Weather,
  steps: number,
  ran: Set<string>,
): Promise<() => Promise<void>> {
  const { chance } = weather;
  const client = new ConvexClient(url, {
    logger: false,
    webSocketConstructor: socketsIn(weather),
    unsavedChangesWarning: false,
  });
  // A second after each break would be the most of the test.
  const inner = client as unknown as {
    client: { webSocketManager: { defaultInitialBackoff: number } };
  };
  inner.client.webSocketManager.defaultInitialBackoff = 20;
  const problems: string[] = [];
  let user: string | null = null;
  const list = client.onUpdate(api.list, {}, () => {});
  const count = client.onUpdate(api.count, {}, () => {});
  const who = client.onUpdate(api.who, {}, () => {});
  const pages = client.onPaginatedUpdate_experimental(
    api.page,
    {},
    { initialNumItems: 3 },
    () => checkPages(),
  );
  /** Pages of one moment are the beginning of the list of that moment. */
  function checkPages(): void {
    const all = list.getCurrentValue();
    const { results = [], status } = (pages.getCurrentValue() ?? {}) as {
      results?: Item[];
      status?: string;
    };
    if (!all || status === "LoadingFirstPage" || status === "LoadingMore") {
      return;
    }
    const wanted = status === "Exhausted" ? all : all.slice(0, results.length);
    if (JSON.stringify(wanted) !== JSON.stringify(results)) {
      problems.push(
        `${status}: ${JSON.stringify(results)}, not ${JSON.stringify(wanted)}`,
      );
    }
  }
  const own: string[] = [];
  const going: Promise<unknown>[] = [];
  const settled: string[] = [];
  const extras: (() => void)[] = [];
  const begin = (work: Promise<unknown>) => {
    going.push(work.catch((error) => problems.push(String(error))));
  };
  for (let step = 0; step < steps; step++) {
    const tag = `${name}${step}`;
    const k = chance.below(1000);
    const choice = chance.below(20);
    if (choice < 8) {
      const mutation = client.mutation(api.add, { k, tag }, {
        optimisticUpdate: (store) => {
          const now = store.getQuery(api.count, {});
          if (now !== undefined) store.setQuery(api.count, {}, now + 1);
        },
      });
      begin(mutation.then(() => {
        ran.add(tag);
        settled.push(tag);
        const shown = list.getCurrentValue()!;
        assert(shown.some((one) => one.tag === tag), `${tag} is not shown`);
        own.push(tag);
      }));
    } else if (choice < 11 && own.length > 0) {
      const [tag] = own.splice(chance.below(own.length), 1) as [string];
      begin(
        client.mutation(api.remove, { tag }).then((was) => {
          assertEquals(was, true, `${tag} was there`);
          ran.delete(tag);
          const shown = list.getCurrentValue()!;
          assert(!shown.some((one) => one.tag === tag), `${tag} is shown`);
        }),
      );
    } else if (choice < 13) {
      begin(
        client.action(api.addLater, { k, tag }).then(
          () => void ran.add(tag),
          (error) => {
            if (!/Connection lost while action was/.test(error.message)) {
              throw error;
            }
          },
        ),
      );
    } else if (choice < 15) {
      (pages.getCurrentValue() as { loadMore?(n: number): boolean })
        ?.loadMore?.(1 + chance.below(4));
    } else if (choice < 17) {
      const padding = chance.below(4) === 0 ? 1_500_000 : 5;
      extras.push(
        client.onUpdate(api.below, { k, padding }, () => {}),
      );
    } else if (choice < 18) {
      for (const end of extras.splice(0, 2)) end();
    } else if (choice < 19) {
      const next = user = chance.pick(["ann", "bob"]);
      client.setAuth(() => Promise.resolve(tokenOf(next)));
    } else await new Promise((done) => setTimeout(done, chance.below(30)));
    await new Promise((done) => setTimeout(done, chance.below(4)));
  }
  await Promise.all(going);
  // Mutations of one client end in the order in which they began.
  const numbers = settled.map((tag) => Number(tag.slice(name.length)));
  assertEquals(numbers, numbers.toSorted((a, b) => a - b));
  return async () => {
    try {
      for (let turn = 0;; turn++) {
        const all = await client.query(api.list, {});
        const is = [
          JSON.stringify(list.getCurrentValue()) === JSON.stringify(all),
          count.getCurrentValue() === all.length,
          who.getCurrentValue() === user,
        ];
        if (is.every(Boolean)) break;
        assert(turn < 1500, `${name} is not shown what there is: ${is}`);
        await new Promise((done) => setTimeout(done, 20));
      }
      checkPages();
      assertEquals(problems, []);
    } finally {
      await client.close();
    }
  };
}

Deno.test("Convex's client loses, doubles and mixes nothing over WebSockets that break", async () => {
  const seed = testSeed();
  const chance = seededRandom(seed);
  const engine = openEngine({
    // Convex hides this method from its types.
    schema: schema as unknown as { export(): string },
    modules,
    store: openMemoryStore(),
  });
  const server = startSyncServer(engine, {
    verifyToken: (token) => {
      const { sub } = JSON.parse(atob(token.split(".")[1]!));
      const identity = { subject: sub, issuer: "me", tokenIdentifier: sub };
      return Promise.resolve({ identity });
    },
  });
  const weather: Weather = { chance, isCalm: false, breaks: 0 };
  const ran = new Set<string>();
  const steps = Math.ceil(testScale() * 800);
  try {
    const ends = await Promise.all(
      ["a", "b", "c"].map((name) =>
        play(name, server.url, weather, steps, ran)
      ),
    );
    weather.isCalm = true;
    for (const end of ends) await end();
    const tags = await engine.query("items:tags", {}) as string[];
    assertEquals(tags.length, new Set(tags).size, "once each");
    for (const tag of ran) assert(tags.includes(tag), `${tag} is lost`);
  } catch (error) {
    console.error(`seed ${seed}`);
    throw error;
  } finally {
    await server.close();
    await engine.close();
  }
});
