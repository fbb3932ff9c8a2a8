/** Convex's own client for React talks to the server unmodified. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  ConvexProvider,
  ConvexProviderWithAuth,
  ConvexReactClient,
  useConvexAuth,
  useMutation,
  usePaginatedQuery,
  useQuery,
} from "convex/react";
import { anyApi as api } from "convex/server";
import { createElement, type FunctionComponent, useMemo } from "react";
import { act, create, type ReactTestRenderer } from "react-test-renderer";
import { AsyncConvexClient } from "../../src/client/async_convex_client.ts";
import { openSyncEngine, Seen } from "../support/sync_case.ts";
import { startSyncServer } from "../support/sync_server.ts";

/** Renders a component below a provider until the test is done with it. */
function reactCase(
  name: string,
  run: (client: ConvexReactClient) => Promise<void>,
): void {
  Deno.test(name, async () => {
    const engine = openSyncEngine();
    const server = startSyncServer(engine, {
      verifyToken: (token) =>
        Promise.resolve({
          identity: {
            subject: JSON.parse(atob(token.split(".")[1]!)).sub,
            issuer: "me",
            tokenIdentifier: "me|1",
          },
        }),
    });
    const client = new ConvexReactClient(server.url, { logger: false });
    const globals = globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean };
    globals.IS_REACT_ACT_ENVIRONMENT = true;
    try {
      await run(client);
    } finally {
      delete globals.IS_REACT_ACT_ENVIRONMENT;
      await client.close();
      await server.close();
      await engine.close();
    }
  });
}

/** Mounts a component; returns what takes it away. */
async function mount(
  client: ConvexReactClient,
  component: FunctionComponent,
): Promise<() => Promise<void>> {
  const tree = createElement(
    ConvexProvider,
    { client, children: createElement(component) },
  );
  let renderer: ReactTestRenderer | undefined;
  // deno-lint-ignore require-await -- React waits only for asynchronous ones
  await act(async () => {
    renderer = create(tree);
  });
  // deno-lint-ignore require-await -- see above
  return () => act(async () => renderer?.unmount());
}

/** Lets React render what comes in until the test passes. It renders at the end of an `act` only. */
async function rendered<T>(
  seen: Seen<T>,
  test: (value: T) => boolean,
): Promise<void> {
  const endMs = Date.now() + 10_000;
  while (!test(seen.last!)) {
    if (Date.now() > endMs) throw new Error("React does not show it");
    await act(() => new Promise<void>((done) => setTimeout(done, 5)));
  }
}

reactCase(
  "useQuery and useMutation show what changes, optimistically first",
  async (client) => {
    const seen = new Seen<string[] | undefined>();
    let send: ((text: string) => Promise<unknown>) | undefined;
    const unmount = await mount(client, () => {
      const channel = "a";
      seen.add(useQuery(api.messages!.list!, { channel }));
      const mutate = useMutation(api.messages!.send!).withOptimisticUpdate(
        (store, { text }) => {
          const before = store.getQuery(api.messages!.list!, { channel }) ?? [];
          store.setQuery(api.messages!.list!, { channel }, [
            ...before,
            `${text}?`,
          ]);
        },
      );
      send = (text) => mutate({ channel, text });
      return null;
    });
    await rendered(seen, (texts) => texts?.length === 0);
    let sent: Promise<unknown> | undefined;
    act(() => {
      sent = send!("one");
    });
    await rendered(seen, (texts) => texts?.[0] === "one");
    await sent;
    const shown = seen.all.map((texts) => texts?.join() ?? "loading");
    assertEquals([...new Set(shown)], ["loading", "", "one?", "one"]);
    await unmount();
  },
);

reactCase(
  "usePaginatedQuery loads page after page and keeps them whole",
  async (client) => {
    for (let at = 0; at < 5; at++) {
      await client.mutation(api.messages!.send!, {
        channel: "a",
        text: `${at}`,
      });
    }
    type Pages = {
      results: { text: string }[];
      status: string;
      loadMore(n: number): void;
    };
    const seen = new Seen<Pages>();
    const unmount = await mount(client, () => {
      seen.add(
        usePaginatedQuery(
          // deno-lint-ignore no-explicit-any -- `anyApi` does not say that it is a query of pages
          api.messages!.page! as any,
          { channel: "a" },
          { initialNumItems: 2 },
        ) as never,
      );
      return null;
    });
    const texts = () => seen.last!.results.map(({ text }) => text).join("");
    await rendered(seen, ({ status }) => status === "CanLoadMore");
    assertEquals(texts(), "01");
    // deno-lint-ignore require-await -- React waits only for asynchronous ones
    await act(async () => seen.last!.loadMore(10));
    await rendered(seen, ({ status }) => status === "Exhausted");
    assertEquals(texts(), "01234");
    await act(async () =>
      void await client.mutation(api.messages!.send!, {
        channel: "a",
        text: "5",
      })
    );
    await rendered(seen, ({ results }) => results.length === 6);
    await unmount();
  },
);

reactCase("useConvexAuth follows who the server knows", async (client) => {
  const token = (subject: string) => {
    const nowS = Math.floor(Date.now() / 1000);
    const payload = { sub: subject, iat: nowS, exp: nowS + 3600 };
    return `${btoa("{}")}.${btoa(JSON.stringify(payload))}.x`;
  };
  const auth = new Seen<{ isLoading: boolean; isAuthenticated: boolean }>();
  const who = new Seen<string | null | undefined>();
  const unmount = await mount(
    client,
    () =>
      createElement(ConvexProviderWithAuth, {
        client,
        useAuth: () =>
          useMemo(() => ({
            isLoading: false,
            isAuthenticated: true,
            fetchAccessToken: () => Promise.resolve(token("ada")),
          }), []),
        children: createElement(() => {
          auth.add(useConvexAuth());
          who.add(useQuery(api.who!.am!, {}));
          return null;
        }),
      }),
  );
  await rendered(auth, ({ isAuthenticated }) => isAuthenticated);
  await rendered(who, (subject) => subject === "ada");
  assert(auth.all[0]!.isLoading);
  await unmount();
});

reactCase(
  "an AsyncConvexClient wraps it, live queries and identity included",
  async (react) => {
    const client = AsyncConvexClient.wrap(react);
    const channel = "a";
    const texts = client.watch("messages:list", { channel });
    assertEquals((await texts.next()).value, []);
    assert(client.connectionState().isWebSocketConnected);
    assert(client.connectionState().hasEverConnected);
    await client.mutation("messages:send", { channel, text: "one" });
    assertEquals((await texts.next()).value, ["one"]);
    // A known result is delivered at once.
    const again = client.watch("messages:list", { channel });
    assertEquals((await again.next()).value, ["one"]);
    await Promise.all([texts.return(), again.return()]);
    const failing = client.watch("messages:none");
    const error = await assertRejects(() => failing.next());
    assertEquals((error as { code?: string }).code, "FUNCTION_NOT_FOUND");
    const nowS = Math.floor(Date.now() / 1000);
    const payload = { sub: "ada", iat: nowS, exp: nowS + 3600 };
    client.setAuth(`${btoa("{}")}.${btoa(JSON.stringify(payload))}.x`);
    assertEquals(await client.query("who:am"), "ada");
    await client.close();
    assertEquals(client.connectionState().isWebSocketConnected, false);
  },
);
