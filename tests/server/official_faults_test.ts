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
import { seededRandom } from "../../src/testing/support/random.ts";
import { socketsIn, type Weather } from "../support/bad_weather.ts";
import { startSyncServer } from "../support/sync_server.ts";
import { testScale, testSeed } from "../support/test_env.ts";
import { pause } from "../../src/testing/support/pause.ts";

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

/** An unsigned token of a user, as new as the client asks for. */
function tokenOf(user: string): string {
  const part = (content: object) =>
    btoa(JSON.stringify(content)).replace(/=+$/, "");
  const iat = Math.floor(Date.now() / 1000);
  return `${part({ alg: "none" })}.${
    part({ sub: user, iat, exp: iat + 3600 })
  }.`;
}

type Store = Parameters<
  NonNullable<
    NonNullable<Parameters<ConvexClient["mutation"]>[2]>["optimisticUpdate"]
  >
>[0];

/** One of Convex's clients, what it follows, and what it has begun. */
class Player {
  readonly #name: string;
  readonly #chance: Weather["chance"];
  /** Tags that are stored for certain, by whichever player. */
  readonly #ran: Set<string>;
  readonly #client: ConvexClient;
  readonly #list;
  readonly #count;
  readonly #who;
  readonly #pages;
  readonly #problems: string[] = [];
  /** Tags of its own that are stored. */
  readonly #own: string[] = [];
  readonly #going: Promise<unknown>[] = [];
  /** Steps whose mutations are over, in the order of their ends. */
  readonly #settled: number[] = [];
  readonly #extras: (() => void)[] = [];
  #user: string | null = null;

  constructor(name: string, url: string, weather: Weather, ran: Set<string>) {
    this.#name = name;
    this.#chance = weather.chance;
    this.#ran = ran;
    const client = this.#client = new ConvexClient(url, {
      logger: false,
      webSocketConstructor: socketsIn(weather),
      unsavedChangesWarning: false,
    });
    // A second after each break would be the most of the test.
    const inner = client as unknown as {
      client: { webSocketManager: { defaultInitialBackoff: number } };
    };
    inner.client.webSocketManager.defaultInitialBackoff = 20;
    this.#list = client.onUpdate(api.list, {}, () => {});
    this.#count = client.onUpdate(api.count, {}, () => {});
    this.#who = client.onUpdate(api.who, {}, () => {});
    this.#pages = client.onPaginatedUpdate_experimental(
      api.page,
      {},
      { initialNumItems: 3 },
      () => this.#checkPages(),
    );
  }

  /** Makes random moves, until all that they have begun is over. */
  async play(steps: number): Promise<void> {
    const moves: [share: number, (step: number) => void | Promise<void>][] = [
      [8, (step) => this.#add(step)],
      [3, (step) => this.#removeOwn(step)],
      [2, (step) => this.#addLater(step)],
      [2, () => this.#loadMore()],
      [2, () => this.#followMore()],
      [1, () => this.#followLess()],
      [1, () => this.#changeUser()],
      [1, () => pause(this.#chance.below(30))],
    ];
    const all = moves.flatMap(([share, move]) => Array(share).fill(move));
    for (let step = 0; step < steps; step++) {
      await this.#chance.pick(all)(step);
      await pause(this.#chance.below(4));
    }
    await Promise.all(this.#going);
    // Mutations of one client end in the order in which they began.
    assertEquals(this.#settled, this.#settled.toSorted((a, b) => a - b));
  }

  /** Waits until it is shown what there is, and ends it. */
  async end(): Promise<void> {
    try {
      for (let turn = 0;; turn++) {
        const all = await this.#client.query(api.list, {});
        const is = [
          JSON.stringify(this.#list.getCurrentValue()) === JSON.stringify(all),
          this.#count.getCurrentValue() === all.length,
          this.#who.getCurrentValue() === this.#user,
        ];
        if (is.every(Boolean)) break;
        assert(turn < 1500, `${this.#name} is not shown what there is: ${is}`);
        await pause(20);
      }
      this.#checkPages();
      assertEquals(this.#problems, []);
    } finally {
      await this.#client.close();
    }
  }

  #add(step: number): void {
    const tag = `${this.#name}${step}`;
    const optimisticUpdate = (store: Store) => {
      const now = store.getQuery(api.count, {});
      if (now !== undefined) store.setQuery(api.count, {}, now + 1);
    };
    const args = { k: this.#chance.below(1000), tag };
    this.#begin(
      this.#client.mutation(api.add, args, { optimisticUpdate }).then(() => {
        this.#ran.add(tag);
        this.#settled.push(step);
        assert(this.#isShown(tag) !== false, `${tag} is not shown`);
        this.#own.push(tag);
      }),
    );
  }

  #removeOwn(step: number): void {
    const at = this.#chance.below(Math.max(1, this.#own.length));
    const [tag] = this.#own.splice(at, 1);
    if (tag === undefined) return this.#addLater(step);
    this.#begin(
      this.#client.mutation(api.remove, { tag }).then((was) => {
        assertEquals(was, true, `${tag} was there`);
        this.#ran.delete(tag);
        assert(this.#isShown(tag) !== true, `${tag} is shown`);
      }),
    );
  }

  #addLater(step: number): void {
    const tag = `${this.#name}${step}`;
    const args = { k: this.#chance.below(1000), tag };
    this.#begin(
      this.#client.action(api.addLater, args).then(
        () => void this.#ran.add(tag),
        (error) => {
          // Nobody knows what has become of an action whose connection broke.
          if (/Connection lost while action was/.test(error.message)) return;
          throw error;
        },
      ),
    );
  }

  #loadMore(): void {
    const pages = this.#pages.getCurrentValue() as {
      loadMore?(n: number): boolean;
    };
    pages?.loadMore?.(1 + this.#chance.below(4));
  }

  #followMore(): void {
    const k = this.#chance.below(1000);
    const padding = this.#chance.below(4) === 0 ? 1_500_000 : 5;
    this.#extras.push(
      this.#client.onUpdate(api.below, { k, padding }, () => {}),
    );
  }

  #followLess(): void {
    for (const end of this.#extras.splice(0, 2)) end();
  }

  #changeUser(): void {
    const next = this.#user = this.#chance.pick(["ann", "bob"]);
    this.#client.setAuth(() => Promise.resolve(tokenOf(next)));
  }

  #begin(work: Promise<unknown>): void {
    this.#going.push(
      work.catch((error) => this.#problems.push(String(error))),
    );
  }

  /** Undefined while there is no list: a user who comes has none until the queries that follow the token are answered. */
  #isShown(tag: string): boolean | undefined {
    return this.#list.getCurrentValue()?.some((one) => one.tag === tag);
  }

  /** Pages of one moment are the beginning of the list of that moment. */
  #checkPages(): void {
    const all = this.#list.getCurrentValue();
    const { results = [], status } = (this.#pages.getCurrentValue() ?? {}) as {
      results?: Item[];
      status?: string;
    };
    if (!all || status === "LoadingFirstPage" || status === "LoadingMore") {
      return;
    }
    const wanted = status === "Exhausted" ? all : all.slice(0, results.length);
    if (JSON.stringify(wanted) !== JSON.stringify(results)) {
      this.#problems.push(
        `${status}: ${JSON.stringify(results)}, not ${JSON.stringify(wanted)}`,
      );
    }
  }
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
    const players = ["a", "b", "c"].map((name) =>
      new Player(name, server.url, weather, ran)
    );
    await Promise.all(players.map((player) => player.play(steps)));
    weather.isCalm = true;
    for (const player of players) await player.end();
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
