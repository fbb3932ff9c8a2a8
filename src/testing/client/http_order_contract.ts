/** The order in which calls with an order key are applied. */
import { assertEquals } from "@std/assert";
import { httpCase, type HttpSubject } from "./http_client_contract.ts";
import { answerBatch, answerCall, type SentRequest } from "./http_fake.ts";
import type { ContractCase } from "../types.ts";
import { pause } from "../support/pause.ts";

async function answerSlowly({ body }: SentRequest) {
  await pause(10);
  return answerCall(body);
}

/** Answers calls in reverse order. */
async function answerLastFirst(request: SentRequest) {
  const [{ value, calls }] = request.body.args as [
    { value: number; calls?: { args: { value: number } }[] },
  ];
  await pause(Math.max(0, 12 - 2 * (calls?.at(0)?.args.value ?? value)));
  return answerBatch(request);
}

const cost = { reads: 1, writes: 1, ranges: 1 };

/** Cases of order. */
export const httpOrderContract = (): ContractCase<HttpSubject>[] => [
  httpCase(
    "calls of one order key run one after another, others meanwhile",
    answerSlowly,
    async (client, { sent, maxOpen }) => {
      const call = (value: number, orderKey: string) =>
        client.mutation("a:b", { value }, { orderKey });
      await Promise.all([call(1, "k"), call(2, "k"), call(3, "other")]);
      assertEquals(sent.map(({ body }) => body.args[0].value), [1, 3, 2]);
      assertEquals(maxOpen(), 2);
    },
  ),
  httpCase(
    "who gives up waiting for its turn lets nobody overtake",
    answerSlowly,
    async (client, { sent }) => {
      const signal = AbortSignal.timeout(2);
      const calls = [1, 2, 3].map((value) =>
        client.mutation("a:b", { value }, {
          orderKey: "k",
          ...(value === 2 ? { signal } : {}),
        })
      );
      const [, second] = await Promise.allSettled(calls);
      assertEquals(second!.status, "rejected");
      assertEquals(sent.map(({ body }) => body.args[0].value), [1, 3]);
    },
  ),
  ...[undefined, "batch:run"].map((batchFunction) =>
    httpCase(
      `calls of one order key keep their order, batched or not, batch function: ${batchFunction}`,
      answerLastFirst,
      async (client) => {
        const batch = { cost };
        const options = [
          { batch },
          { batch },
          {},
          { batch },
          { batch: { ...batch, orderKey: "k" } },
          {},
        ];
        const done: unknown[] = [];
        await Promise.all(options.map(async (how, value) =>
          done.push(
            await client.mutation("a:b", { value }, { orderKey: "k", ...how }),
          )
        ));
        assertEquals(done, [0, 1, 2, 3, 4, 5]);
      },
      { batchFunction },
    )
  ),
  httpCase(
    "a call that nobody can give up does not overtake one that somebody can, nor one whose batch names no key",
    answerBatch,
    async (client, { sent }) => {
      const options = [{}, { batch: { cost }, timeoutMs: 10_000 }, {
        batch: { cost, orderKey: undefined },
      }];
      await client.action("a:open");
      await Promise.all(
        options.map((how, value) =>
          client.mutation("a:b", { value }, { orderKey: "k", ...how })
        ),
      );
      const calls = sent.at(-1)!.body.args[0].calls as {
        args: { value: number };
      }[];
      assertEquals(calls.map(({ args }) => args.value), [1, 2]);
    },
    { batchFunction: "batch:run" },
  ),
];
