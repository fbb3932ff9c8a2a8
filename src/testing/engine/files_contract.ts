import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Engine } from "../../engine/engine.ts";
import {
  assertRefused,
  type Doc,
  engineCase,
  type EngineSubject,
  SpyStore,
} from "./subject.ts";
import { FakeTimers } from "../support/fake_timers.ts";
import type { ContractCase } from "../types.ts";

const HELLO_SHA256 =
  "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
/** The same in base64, in which Convex keeps it in `_storage`, whatever its documentation says. */
const HELLO_BASE64 = "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=";

interface Facts {
  url: string | null;
  metadata: { [field: string]: unknown } | null;
  document: Doc | null;
  normalized: string | null;
}

/** Stored files, and HTTP actions. */
export const engineFilesContract: ContractCase<EngineSubject>[] = [
  engineCase("a file comes back as it was stored", async (engine) => {
    // Not a text type, to which some hosts add a charset.
    const type = "image/png";
    const id = await store(engine, bytesOf("hello"), type);
    const read = await engine.action("system:readFile", { id });
    assertEquals(read, { bytes: bytesOf("hello"), type });
    const { url, metadata, document, normalized } = await facts(
      engine,
      id,
    );
    assertMatch(
      url!,
      /^http:\/\/127\.0\.0\.1:3210\/api\/storage\/[0-9a-f-]{36}$/,
    );
    assertEquals(metadata, {
      storageId: id,
      sha256: HELLO_SHA256,
      size: 5,
      contentType: type,
    });
    assertEquals(document, {
      _id: id,
      _creationTime: document!._creationTime,
      sha256: HELLO_BASE64,
      size: 5,
      contentType: type,
    });
    assertEquals(normalized, id);
  }),

  engineCase(
    "large and odd files are cut up and put together",
    async (engine) => {
      for (const size of [0, 1, 262_143, 262_144, 262_145, 700_001]) {
        const bytes = Uint8Array.from(
          { length: size },
          (_, at) => at * 31 >> 3,
        );
        const id = await store(engine, bytes.buffer, "");
        const { bytes: back } = await engine.action("system:readFile", {
          id,
        }) as {
          bytes: ArrayBuffer;
        };
        assertEquals(new Uint8Array(back), bytes);
        const { url, document } = await facts(engine, id);
        assert(!("contentType" in document!));
        const file = await engine.files.open(url!.split("/").at(-1)!);
        assertEquals(file!.size, size);
        const [from, to] = [Math.floor(size / 3), Math.ceil(size / 1.5)];
        assertEquals(await file!.read(from, to), bytes.slice(from, to));
      }
    },
  ),

  engineCase(
    "a deleted file is gone with its URL, and stays when the mutation throws",
    async (engine) => {
      const id = await store(engine, bytesOf("hello"), "text/plain");
      const { url } = await facts(engine, id);
      const name = url!.split("/").at(-1)!;
      await assertRefused(
        engine.mutation("system:deleteFile", { id, fail: true }),
        "FUNCTION_ERROR",
        "kept",
      );
      assertEquals((await facts(engine, id)).url, url);
      const opened = await engine.files.open(name);
      const ts = engine.holdTimestamp();
      await engine.mutation("system:deleteFile", { id });
      assertEquals(await engine.files.open(name), undefined);
      await assertRefused(
        opened!.read(),
        "DOCUMENT_NOT_FOUND",
        `storage id ${id} not found`,
      );
      const earlier = await engine.files.open(name, ts);
      assertEquals(
        await earlier?.read(),
        new Uint8Array(bytesOf("hello")),
      );
      assertEquals(await engine.action("system:readFile", { id }), null);
      const after = await facts(engine, id);
      assertEquals([after.url, after.metadata, after.document], [
        null,
        null,
        null,
      ]);
      assertEquals(await engine.query("system:files", {}), []);
      await assertRefused(
        engine.mutation("system:deleteFile", { id }),
        "DOCUMENT_NOT_FOUND",
      );
    },
  ),

  engineCase("only the engine writes to system tables", async (engine) => {
    const id = await store(engine, bytesOf("hello"), "text/plain");
    await assertRefused(
      engine.mutation("system:patchFile", { id }),
      "INVALID_ARGUMENT",
      "System tables can only be accessed with db.system.",
    );
    await assertRefused(
      engine.query("system:fileFacts", { id: "nonsense" }),
      "INVALID_ID",
      "nonsense",
    );
  }),

  engineCase(
    "ctx.db reads user tables, ctx.db.system others",
    async (engine) => {
      const file = await store(engine, bytesOf("hello"), "text/plain");
      const note = await engine.mutation("notes:add", {
        owner: "ann",
        text: "hello",
      });
      for (const [id, isSystem] of [[file, true], [note, false]] as const) {
        const get = (isSystem: boolean) =>
          engine.query("notes:getBy", { id, isSystem });
        assertEquals((await get(isSystem) as unknown as Doc)._id, id);
        await assertRefused(
          get(!isSystem),
          "INVALID_ARGUMENT",
          isSystem ? "System tables can only be" : "User tables cannot be",
        );
      }
    },
  ),

  engineCase("a wrong checksum is refused", async (engine) => {
    const bytes = bytesOf("hello");
    const type = "text/plain";
    for (const sha256 of [HELLO_SHA256, HELLO_BASE64]) {
      await engine.action("system:storeFile", { bytes, type, sha256 });
    }
    await assertRefused(
      engine.action("system:storeFile", {
        bytes: bytesOf("other"),
        type,
        sha256: HELLO_SHA256,
      }),
      "CHECKSUM_MISMATCH",
    );
    assertEquals((await engine.query("system:files", {}) as Doc[]).length, 2);
  }),

  {
    name: "checksums of an older version, in hexadecimal, become base64",
    async run(subject) {
      const spy = new SpyStore(subject.openStore());
      const first = subject.open({ store: spy });
      const ids: string[] = [];
      // More than are rewritten at once.
      for (let file = 0; file < 66; file++) {
        ids.push(await store(first, bytesOf("hello"), "text/plain"));
      }
      await first.close();
      spy.write(
        [...spy.scan({ start: "d", end: "e" })].map(({ key, value }) => ({
          key,
          value: value.replace(HELLO_BASE64, HELLO_SHA256),
        })),
      );
      const second = subject.open({ store: spy });
      const files = await second.query("system:files", {}) as Doc[];
      assertEquals(files.map(({ _id }) => _id), ids);
      assertEquals(
        [...new Set(files.map(({ sha256 }) => sha256))],
        [HELLO_BASE64],
      );
      await second.close();
      const { writtenOps } = spy;
      await subject.open({ store: spy }).close();
      assertEquals(spy.writtenOps, writtenOps, "nothing is left to do");
      spy.closeReally();
    },
  },

  {
    name: "an upload URL is good for an hour",
    async run(subject) {
      const clock = new FakeTimers();
      const engine = subject.open({
        now: () => clock.nowMs,
        url: "https://files.example",
      });
      const url = await engine.mutation("system:uploadUrl", {}) as string;
      assertMatch(
        url,
        /^https:\/\/files\.example\/api\/storage\/upload\?token=/,
      );
      const token = new URL(url).searchParams.get("token")!;
      assertEquals(engine.files.takes(token), true);
      const id = await engine.files.upload(
        token,
        new Uint8Array(bytesOf("hello")),
        { contentType: "text/plain" },
      );
      assertEquals((await facts(engine, id)).metadata!.sha256, HELLO_SHA256);
      clock.advance(60 * 60 * 1000 + 1);
      assertEquals(engine.files.takes(token), false);
      await assertRefused(
        engine.files.upload(token, new Uint8Array(1)),
        "UPLOAD_URL_INVALID",
      );
      await engine.close();
    },
  },

  engineCase(
    "an HTTP action answers the request it is routed",
    async (engine) => {
      const identity = {
        tokenIdentifier: "https://issuer|ada",
        subject: "ada",
        issuer: "https://issuer",
      };
      const response = await engine.fetch(
        new Request("http://site.example/echo?a=1", {
          method: "POST",
          body: "text",
        }),
        { identity },
      );
      assertEquals(response.status, 201);
      // Not by `json()`, which makes objects of another realm in edge-runtime.
      assertEquals(JSON.parse(await response.text()), {
        text: "text",
        query: "?a=1",
        who: identity,
        count: 0,
      });
      const get = (path: string, method = "GET") =>
        engine.fetch(new Request(`http://site.example${path}`, { method }));
      assertEquals(await (await get("/files/a/b")).text(), "/files/a/b");
      const head = await get("/files/a", "HEAD");
      assertEquals([head.status, await head.text()], [200, ""]);
      const missing = await get("/nothing");
      assertEquals([missing.status, await missing.text()], [
        404,
        "No matching routes found",
      ]);
      await assertRefused(get("/fail"), "FUNCTION_ERROR", "no answer");
    },
  ),

  {
    name:
      "what an HTTP action would go on sending ends if only its head was asked for",
    async run(subject) {
      let ended = 0;
      const answer = () => {
        const body = new ReadableStream({ cancel: () => void ended++ });
        return Promise.resolve(new Response(body, { headers: { a: "b" } }));
      };
      const router = {
        isRouter: true,
        lookup: () => [{ isHttp: true, _handler: answer }, "GET", "/events"],
      };
      const modules = { "http.ts": { default: router } };
      const engine = subject.open({ modules, schema: undefined });
      const url = "http://site.example/events";
      const head = await engine.fetch(new Request(url, { method: "HEAD" }));
      assertEquals([head.status, head.headers.get("a")], [200, "b"]);
      assertEquals([await head.text(), ended], ["", 1]);
      await engine.close();
    },
  },

  engineCase(
    "without http.ts every request is answered with 404",
    async (engine) => {
      const response = await engine.fetch(new Request("http://site.example/a"));
      assertEquals([response.status, await response.text()], [
        404,
        "This Convex deployment does not have HTTP actions enabled.",
      ]);
    },
    { modules: {} },
  ),
];

function bytesOf(text: string): ArrayBuffer {
  return new TextEncoder().encode(text).buffer;
}

async function store(
  engine: Engine,
  bytes: ArrayBuffer,
  type: string,
): Promise<string> {
  return await engine.action("system:storeFile", { bytes, type }) as string;
}

async function facts(engine: Engine, id: string): Promise<Facts> {
  return await engine.query("system:fileFacts", { id }) as unknown as Facts;
}
