import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  addFacts,
  addMemories,
  ask,
  axis,
  backendTest,
  fact,
  ids,
  memory,
  NOW,
} from "./backend.ts";

backendTest("recall finds a memory by the stem of a word", async (engine) => {
  await addMemories(engine, [
    memory("m1", "Noor paints old boats"),
    memory("m2", "Omar bakes bread"),
  ]);
  const result = await ask(engine, "Who painted a boat?");
  assertEquals(ids(result), ["m1"]);
  const [item] = result.items;
  assertEquals([item!.type, item!.source], ["memory", "vector"]);
  assertEquals(item!.memory!.content, "Noor paints old boats");
  assert(item!.score > 0 && item!.score <= 1);
  assertEquals(result.totalResults, 1);
  assertEquals(result.vector.map((entry) => entry.memoryId), ["m1"]);
});

backendTest("recall of an empty or unknown space is empty", async (engine) => {
  await addMemories(engine, [memory("m1", "Noor paints boats")]);
  for (const memorySpaceId of ["nowhere", ""]) {
    assertEquals(await ask(engine, "boats", { memorySpaceId }), {
      items: [],
      vector: [],
      facts: [],
      conversations: [],
      totalResults: 0,
    });
  }
});

backendTest("recall finds a memory through its fact alone", async (engine) => {
  await addMemories(engine, [
    memory("source", "She keeps two of them in the kitchen"),
    memory("noise", "Rain all day"),
  ]);
  await addFacts(engine, [
    fact("f", "Noor owns parrots", { sourceRef: { memoryId: "source" } }),
  ]);
  assertEquals(ids(await ask(engine, "parrots")).toSorted(), ["f", "source"]);
});

backendTest(
  "recall lifts the memory whose message a fact came from",
  async (engine) => {
    const ref = (id: string) => ({
      conversationRef: { conversationId: "c1", messageIds: [id] },
    });
    await addMemories(engine, [
      memory("first", "parrots", {
        ...ref("msg-1"),
        sourceTimestamp: NOW - 10,
      }),
      memory("second", "parrots", { ...ref("msg-2"), sourceTimestamp: 0 }),
    ]);
    await addFacts(engine, [
      fact("f", "Noor owns parrots", {
        sourceRef: { conversationId: "c1", messageIds: ["msg-2"] },
      }),
    ]);
    const memories = ids(await ask(engine, "parrots")).filter((id) =>
      id !== "f"
    );
    assertEquals(memories, ["second", "first"]);
  },
);

backendTest(
  "recall keeps word hits beside near vectors, and finds what only the vector finds",
  async (engine) => {
    await addMemories(engine, [
      memory("word", "Invoice XK42 is paid", { embedding: axis(384, 9) }),
      memory("sense", "Something else", { embedding: axis(384, 0, 0.1) }),
      memory("none", "Rain", { embedding: axis(384, 200) }),
    ]);
    const result = await ask(engine, "XK42", { embedding: axis(384, 0) });
    assertEquals(ids(result).toSorted(), ["sense", "word"]);
  },
);

backendTest(
  "recall takes embeddings of lengths without an index",
  async (engine) => {
    for (const dims of [3, 512, 384]) {
      await addMemories(engine, [
        memory(`near${dims}`, "a", { embedding: axis(dims, 0, 0.2) }),
        memory(`far${dims}`, "b", { embedding: axis(dims, 0, 2) }),
      ]);
      await addFacts(engine, [
        fact(`fact${dims}`, `c${dims}`, { embedding: axis(dims, 0, 0.1) }),
      ]);
    }
    for (const dims of [3, 512, 384]) {
      const found = ids(await ask(engine, "", { embedding: axis(dims, 0) }));
      assertEquals(found.length, 3, String(dims));
      assert(found.indexOf(`near${dims}`) < found.indexOf(`far${dims}`));
      assert(found.includes(`fact${dims}`));
    }
  },
);

backendTest("recall treats an empty embedding as none", async (engine) => {
  await addMemories(engine, [memory("m", "boats")]);
  assertEquals(ids(await ask(engine, "boats", { embedding: [] })), ["m"]);
});

backendTest(
  "recall gives items their conversation and source messages",
  async (engine) => {
    const messages = ["one", "two", "three"].map((content) => ({
      id: `msg-${content}`,
      content,
    }));
    await engine.mutation("fixture:addConversation", {
      conversationId: "c1",
      messages,
    });
    await engine.mutation("fixture:addConversation", {
      conversationId: "elsewhere",
      memorySpaceId: "space-2",
      messages,
    });
    const from = (conversationId: string, ...messageIds: string[]) => ({
      conversationRef: { conversationId, messageIds },
    });
    await addMemories(engine, [
      memory("m1", "boats", from("c1", "msg-three", "msg-one", "msg-gone")),
      memory("m2", "boats", from("gone", "x")),
      memory("m3", "boats", from("elsewhere", "msg-one")),
      memory("m4", "boats"),
    ]);
    const result = await ask(engine, "boats", { includeConversation: true });
    const item = (id: string) => result.items.find((other) => other.id === id)!;
    assertEquals(item("m1").conversation!.messages.map((m) => m.content), [
      "one",
      "two",
      "three",
    ]);
    assertEquals(item("m1").sourceMessages!.map((m) => m.id), [
      "msg-one",
      "msg-three",
    ]);
    for (const id of ["m2", "m3", "m4"]) {
      assertEquals(item(id).conversation, undefined, id);
      assertEquals(item(id).sourceMessages, undefined, id);
    }
    const plain = await ask(engine, "boats");
    assert(plain.items.every((other) => other.conversation === undefined));
  },
);

backendTest(
  "recall knows what was said to a question, whichever is stored first",
  async (engine) => {
    const said = (id: string, content: string, at: number) =>
      memory(id, content, {
        sourceTimestamp: NOW - 1000 + at,
        conversationRef: { conversationId: "c", messageIds: [id] },
      });
    await addMemories(engine, [said("q", "Where is the oboe?", 1)]);
    await addMemories(engine, [said("b", "Under a staircase.", 2)]);
    await addMemories(engine, [said("a", "It rains.", 0)]);
    const factorOf = async (id: string) => {
      const { items } = await ask(engine, "oboe", { explain: true });
      return items.find((item) => item.id === id)?.explanation?.question;
    };
    assert((await factorOf("b"))! > 1);
    assertEquals(await factorOf("a"), 1);
  },
);

backendTest(
  "recall cuts items to the limit and direct hits to four times it",
  async (engine) => {
    await addMemories(
      engine,
      Array.from({ length: 12 }, (_, at) => memory(`m${at}`, `boat no ${at}`)),
    );
    const result = await ask(engine, "boat", { limit: 2 });
    assertEquals([result.items.length, result.vector.length], [2, 8]);
    assertEquals(result.totalResults, 8);
  },
);

backendTest("recall refuses a limit out of its bounds", async (engine) => {
  for (const limit of [0, -1, 1.5, NaN]) {
    const error = await assertRejects(() => ask(engine, "x", { limit }), Error);
    assert(error.message.includes("INVALID_LIMIT"), error.message);
  }
  assertEquals((await ask(engine, "x", { limit: 5000 })).items, []);
});

backendTest(
  "recall refuses an embedding with an invalid number",
  async (engine) => {
    const error = await assertRejects(
      () => ask(engine, "x", { embedding: [1, NaN] }),
      Error,
    );
    assert(error.message.includes("INVALID_EMBEDDING"), error.message);
  },
);

backendTest("recall takes any text as a question", async (engine) => {
  await addMemories(engine, [memory("m", "boats"), memory("d", "I do")]);
  const questions = [
    "",
    "   ",
    "?!",
    "'\"\\ \u0000 \uffff 🙂",
    "boats ".repeat(20_000),
    "the of and",
    "東京",
  ];
  for (const question of questions) {
    const result = await ask(engine, question);
    assert(result.items.length <= 1, question.slice(0, 20));
  }
  assertEquals(ids(await ask(engine, "I do")), ["d"]);
});

backendTest(
  "recall answers a question the same way twice, scores sorted",
  async (engine) => {
    await addMemories(
      engine,
      Array.from(
        { length: 30 },
        (_, at) => memory(`m${at}`, at % 3 === 0 ? "boat and lake" : "boat"),
      ),
    );
    await addFacts(engine, [fact("f1", "boat"), fact("f2", "lake")]);
    const [one, two] = [
      await ask(engine, "boat lake"),
      await ask(engine, "boat lake"),
    ];
    assertEquals(one, two);
    const scores = one.items.map((item) => item.score);
    assertEquals(scores, scores.toSorted((a, b) => b - a));
    assertEquals(new Set(ids(one)).size, one.items.length);
  },
);

backendTest(
  "recall's internal half cannot be called from outside",
  async (engine) => {
    await assertRejects(
      () =>
        engine.query("recall:ranked", {
          memorySpaceId: "space-1",
          query: "x",
          sources: { vector: true, facts: true },
          limit: 1,
          includeConversation: false,
          now: NOW,
          tenantId: "other",
        }),
      Error,
      "recall:ranked",
    );
  },
);

backendTest(
  "recall answers although its memories name more messages than a query may look for",
  async (engine) => {
    const messages = [{ id: "a", content: "Boats" }];
    await engine.mutation("fixture:addConversation", {
      conversationId: "c",
      messages,
    });
    const messageIds = Array.from({ length: 200 }, (_, at) => `gone-${at}`);
    const conversationRef = { conversationId: "c", messageIds };
    await addMemories(
      engine,
      Array.from(
        { length: 24 },
        (_, at) => memory(`m${at}`, "Boats", { conversationRef }),
      ),
    );
    const { items } = await ask(engine, "boats", {
      includeConversation: true,
      limit: 24,
    });
    assertEquals(items.length, 24);
    const shown = items.filter(({ conversation }) => conversation);
    assert(shown.length > 10, `${shown.length}`);
  },
);

backendTest(
  "recall finds what was said yesterday, and what speaks of that day",
  async (engine) => {
    const day = 86_400_000;
    const at = (days: number) => ({ sourceTimestamp: NOW - days * day });
    await addMemories(engine, [
      memory("said", "Soup for lunch", at(1)),
      memory("speaks", "Yesterday I had bread", at(0)),
      memory("old", "Cake for lunch", at(9)),
      memory("other", "Rain", at(9)),
    ]);
    const found = ids(await ask(engine, "What was lunch yesterday?"));
    assertEquals(found.toSorted(), ["old", "said", "speaks"]);
    assertEquals(found[2], "old");
  },
);
