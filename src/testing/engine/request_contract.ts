import { assert, assertEquals } from "@std/assert";
import type { Engine } from "../../engine/engine.ts";
import { decodeBase64 } from "../../values/base64.ts";
import {
  addNote,
  assertRefused,
  type Doc,
  engineCase,
  type EngineSubject,
  SpyStore,
} from "./subject.ts";
import type { ContractCase } from "../types.ts";

/** What servers need from an engine: timestamps, past states, and requests that run once. */
export const engineRequestContract: ContractCase<EngineSubject>[] = [
  {
    name: "a request of a session is carried out once, also after reopening",
    async run(subject) {
      const store = new SpyStore(subject.openStore());
      const request = { sessionId: "c0ffee", requestId: 7 };
      const answers: unknown[] = [];
      for (let round = 0; round < 2; round++) {
        const engine = subject.open({ store });
        for (let attempt = 0; attempt < 2; attempt++) {
          const note = { owner: "ada", text: "once" };
          answers.push(
            await engine.run("mutation", "notes:add", note, { request }),
          );
        }
        const other = { sessionId: "c0ffee", requestId: 8 };
        await assertRefused(
          engine.run("mutation", "notes:add", {}, { request: other }),
          "ARGUMENT_VALIDATION",
        );
        assertEquals(
          (await engine.query("notes:list", { owner: "ada" }) as []).length,
          1,
        );
        await engine.close();
      }
      assertEquals(
        new Set(answers.map((answer) => String((answer as { ts: bigint }).ts)))
          .size,
        1,
      );
      assertEquals(answers, Array(4).fill(answers[0]));
      store.closeReally();
    },
  },

  engineCase(
    "the answer to a request of a session is for its user, or for who makes the same call",
    async (engine) => {
      const user = (subject: string) => ({
        subject,
        issuer: "https://issuer.test",
        tokenIdentifier: `https://issuer.test|${subject}`,
      });
      const [ada, eve] = [user("ada"), user("eve")];
      const add = (
        requestId: number,
        identity: typeof ada | null,
        text = "x",
      ) =>
        engine.run("mutation", "notes:add", { owner: "ada", text }, {
          request: { sessionId: "c0ffee", requestId },
          identity,
        });
      const first = await add(0, ada);
      for (const other of [eve, null]) {
        await assertRefused(add(0, other, "y"), "INVALID_ARGUMENT");
        // A client repeats its calls, even after its user has changed.
        assertEquals(await add(0, other), first);
      }
      assertEquals(await add(0, { ...ada }), first);
      const nobodys = await add(1, null);
      assertEquals(await add(1, ada, "y"), nobodys);
      const notes = await engine.query("notes:list", { owner: "ada" }) as [];
      assertEquals(notes.length, 2);
    },
  ),

  engineCase(
    "timestamps grow with each commit, and the past can be read",
    async (engine) => {
      const owner = "ada";
      await addNote(engine, owner, { text: "old" });
      const ts = engine.holdTimestamp();
      const list = async (at?: bigint) => {
        const { value } = await engine.run("query", "notes:list", { owner }, {
          ts: at,
        });
        return (value as Doc[]).map(({ text }) => text);
      };
      const { ts: later, value: id } = await engine.run(
        "mutation",
        "notes:add",
        {
          owner,
          text: "new",
        },
      );
      assert(later > ts);
      assertEquals(engine.timestamp(), later);
      await engine.mutation("notes:patch", { id, set: { text: "newer" } });
      assertEquals(await list(ts), ["old"]);
      assertEquals(await list(later), ["old", "new"]);
      assertEquals(await list(), ["old", "newer"]);
      const search = { text: "new" };
      const found = await engine.run("query", "notes:search", search, {
        ts: later,
      });
      assertEquals((found.value as Doc[]).map(({ text }) => text), ["new"]);
      await assertRefused(() => list(ts - 1n), "OUT_OF_RETENTION");
      await assertRefused(
        () => list(engine.timestamp() + 1n),
        "OUT_OF_RETENTION",
      );
    },
  ),

  engineCase(
    "trap 13: a request that comes twice runs once, who follows is told every change before the next, and nothing after closing",
    async (engine) => {
      const watch = engine.watch("notes:unique", { owner: "ada" });
      const seen: string[] = [];
      let tell = () => {};
      const told = () => new Promise<void>((resolve) => tell = resolve);
      let next = told();
      watch.subscribe(
        (value) => {
          seen.push((value as Doc | null)?.text as string ?? "none");
          tell();
        },
        (error) => {
          seen.push((error as { code: string }).code);
          tell();
        },
      );
      /** Writes, and waits until subscribers were notified. */
      const change = async (
        name: string,
        args: { [name: string]: unknown },
      ) => {
        next = told();
        const { value } = await engine.run("mutation", name, args, {
          request: { sessionId: "trap", requestId: seen.length },
        });
        await next;
        return value as string;
      };
      await next;
      const note = { owner: "ada", text: "one" };
      const one = await change("notes:add", note);
      const { value: again } = await engine.run("mutation", "notes:add", note, {
        request: { sessionId: "trap", requestId: 1 },
      });
      assertEquals(again, one);
      await change("notes:add", { owner: "ada", text: "two" });
      await change("notes:remove", { id: one });
      // A commit that does not change a query's result is not reported, but has a timestamp.
      const { ts } = await engine.run("mutation", "notes:add", {
        owner: "bob",
        text: "other",
      });
      assertEquals(engine.timestamp(), ts);
      watch.close();
      await addNote(engine, "ada", { text: "late" });
      await engine.query("notes:list", { owner: "ada" });
      assertEquals(seen, ["none", "one", "NOT_UNIQUE", "two"]);
    },
  ),

  {
    name:
      "what a mutation writes to the audit log is reported when it is committed",
    async run(subject) {
      const told: string[] = [];
      const engine = subject.open({
        now: () => 7,
        log: (_level, message) => told.push(message),
      });
      try {
        await engine.mutation("system:audited", { fail: true }).catch(() => {});
        await engine.run("mutation", "system:audited", { fail: false }, {
          sender: { ip: "192.0.2.1" },
        });
        assertEquals(told.filter((message) => message.startsWith("audit")), [
          'audit {"action":"seen","source":["192.0.2.1",7]}',
        ]);
      } finally {
        await engine.close();
      }
    },
  },

  {
    name: "a mutation signs tokens that the engine's public keys verify",
    async run(subject) {
      const store = new SpyStore(subject.openStore());
      const url = "https://api.test";
      try {
        let engine = subject.open({ store, url });
        assertEquals(engine.jwks(), { keys: [] });
        const own = { sub: "ada", aud: ["app"], level: 3 };
        const first = await signed(engine, own, 60);
        const { exp, iat, jti, ...claims } = await verified(engine, first);
        assertEquals(claims, { ...own, iss: url });
        assertEquals(String(jti).length, 22);
        assertEquals(Number(exp) - Number(iat), 60);
        await engine.close();
        engine = subject.open({ store, url });
        await verified(engine, first);
        const [key, ...others] = engine.jwks().keys;
        assertEquals([key!.kty, "d" in key!, others], ["EC", false, []]);
        for (const claim of ["iss", "exp", "nbf", "convexUser", "CVX_x"]) {
          await assertRefused(
            signed(engine, { aud: "app", [claim]: 1 }, 60),
            "INVALID_ARGUMENT",
            claim,
          );
        }
        const wrong: [{ [claim: string]: unknown }, string][] = [
          [{ sub: "ada" }, "The 'aud' claim is required"],
          [{ aud: [] }, "The 'aud' claim must be a non-empty string or"],
          [{ aud: ["a", 5] }, "The 'aud' claim must be a non-empty string or"],
          [{ aud: "a", sub: 5 }, "The 'sub' claim must be a non-empty string"],
          [{ aud: "a", jti: "" }, "The 'jti' claim must be a non-empty string"],
          [{ aud: "a", x: "y".repeat(8000) }, "over the 8000 byte limit"],
        ];
        for (const [claims, text] of wrong) {
          const token = signed(engine, claims, 60);
          await assertRefused(token, "INVALID_ARGUMENT", text);
        }
        for (const seconds of [0, NaN]) {
          const token = signed(engine, { aud: "app" }, seconds);
          await assertRefused(token, "INVALID_ARGUMENT", "at least 1");
        }
        await assertRefused(
          signed(engine, { aud: "app" }, 3601),
          "INVALID_ARGUMENT",
          "between 1 second and 3600 seconds",
        );
        await engine.close();
      } finally {
        store.closeReally();
      }
    },
  },

  {
    name:
      "transactions that wait together let the event loop have its turn between them",
    async run(subject) {
      let asked = 0;
      let turns = 0;
      const engine = subject.open({
        turn: () =>
          ++asked % 2 === 0
            ? new Promise((resolve) => setTimeout(() => resolve(void turns++)))
            : undefined,
      });
      try {
        const calls = Array.from({ length: 6 }, () => addNote(engine, "ada"));
        assertEquals(new Set(await Promise.all(calls)).size, 6);
        assertEquals({ asked, turns }, { asked: 5, turns: 2 });
        // One call at a time gives the others their turn anyway.
        assertEquals(await engine.query("flow:count", { owner: "ada" }), 6);
        assertEquals(asked, 5);
      } finally {
        await engine.close();
      }
    },
  },

  {
    name: "functions that versions of convex before 1.16 register are called",
    async run(subject) {
      const marks = { isRegistered: true, isQuery: true, isPublic: true };
      const hi = Object.assign(
        (_ctx: unknown, { name }: { name: string }) => `hi ${name}`,
        marks,
        { exportArgs: () => '{"type":"any"}' },
      );
      const modules = { "./a.ts": { hi, marks } };
      const engine = subject.open({ modules });
      assertEquals(await engine.query("a:hi", { name: "ada" }), "hi ada");
      await assertRefused(engine.query("a:marks", {}), "FUNCTION_NOT_FOUND");
      await engine.close();
    },
  },

  {
    name: "functions are named from the folder that all modules are in",
    async run(subject) {
      const exports = {
        hi: { isQuery: true, isPublic: true, _handler: () => "hi" },
      };
      const open = async (name: string, ...paths: string[]) => {
        const modules = Object.fromEntries(
          paths.map((path) => [path, exports]),
        );
        const engine = subject.open({ modules });
        assertEquals(await engine.query(name, {}), "hi", name);
        await engine.close();
      };
      await open("a/b:hi", "./convex/a/b.ts", "./convex/c.ts");
      await open("a:hi", "../back/convex/a.js", "../back/convex/convex/b.js");
      await open("convex/a:hi", "./convex/a.ts", "./b.ts");
      await open("a:hi", "../x/a.ts", "../x/_generated/api.ts", "./b.ts");
      const built = { "./a.js": {}, "./a.ts": exports };
      const engine = subject.open({ modules: built });
      assertEquals(await engine.query("a:hi", {}), "hi");
      await engine.close();
    },
  },
];

async function signed(
  engine: Engine,
  claims: { [claim: string]: unknown },
  expiresInSeconds: number,
): Promise<string> {
  const options = { claims, expiresInSeconds };
  return await engine.mutation("system:sign", options) as string;
}

/** The claims of a token, if the engine's keys verify it. */
async function verified(
  engine: Engine,
  token: string,
): Promise<{ [claim: string]: unknown }> {
  const [header, payload, signature] = token.split(".") as [
    string,
    string,
    string,
  ];
  const bytes = (text: string) =>
    decodeBase64(
      text.replaceAll("-", "+").replaceAll("_", "/") +
        "=".repeat((4 - text.length % 4) % 4),
    )!;
  const json = (text: string) =>
    JSON.parse(new TextDecoder().decode(bytes(text)));
  const { alg, kid } = json(header);
  assertEquals(alg, "ES256");
  const key = engine.jwks().keys.find((key) => key.kid === kid)!;
  const curve = { name: "ECDSA", namedCurve: "P-256" };
  const isGenuine = await crypto.subtle.verify(
    { name: "ECDSA", hash: "SHA-256" },
    await crypto.subtle.importKey("jwk", { ...key }, curve, false, ["verify"]),
    bytes(signature),
    new TextEncoder().encode(`${header}.${payload}`),
  );
  assert(isGenuine, "the token is verified");
  return json(payload);
}
