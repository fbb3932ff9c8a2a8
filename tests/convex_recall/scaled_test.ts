import { assertEquals } from "@std/assert";
import { similarities } from "../../src/convex/lib/ranking/scaled.ts";

const timestamp = 0;
const key = "";
const found = (...similarity: number[]) =>
  similarity.map((similarity) => ({ key, similarity, timestamp }));

Deno.test("similarities() has the greatest as 1, and 0 for what was not found", () => {
  assertEquals(similarities([...found(0.8, 0.4, -0.2), { key, timestamp }]), [
    1,
    0.5,
    0,
    0,
  ]);
  assertEquals(similarities([{ key, timestamp }, { key, timestamp }]), [0, 0]);
});

Deno.test("similarities() gives the mean to what has no embedding, where eight were found by theirs", () => {
  const none = { key, isUnembedded: true, timestamp };
  const eight = found(0.8, 0.8, 0.8, 0.8, 0.4, 0.4, 0, 0);
  assertEquals(similarities([...eight, none, { key, timestamp }]).slice(-2), [
    0.625,
    0,
  ]);
  assertEquals(similarities([...eight.slice(1), none]).at(-1), 0);
});

Deno.test("similarities() subtracts what any two texts of a model have in common, and separates hits from what was not found", () => {
  const alike = similarities([...found(...Array(8).fill(0.7)), {
    key,
    timestamp,
  }]);
  assertEquals(alike, [...Array(8).fill(1), 0]);
  const [best, ...others] = similarities(
    found(0.9, 0.75, 0.75, 0.75, 0.75, 0.75, 0.75, 0.75),
  );
  assertEquals(best, 1);
  // 0.15 of 0.3 instead of 0.75 of 0.9.
  assertEquals(others.map((one) => one.toFixed(3)), Array(7).fill("0.500"));
});

Deno.test("similarities() lets a message share in those beside it in its conversation, more in the one before", () => {
  const said = (
    group: string,
    timestamp: number,
    similarity?: number,
    isReply = false,
  ) => ({
    key,
    group,
    timestamp,
    isReply,
    ...similarity !== undefined && { similarity },
  });
  const talk = [
    said("b", 2, 0.2),
    // An answer of the same moment comes after what it answers.
    said("a", 1, undefined, true),
    said("a", 1, 1),
    said("a", 0),
    said("a", 3),
    { key, timestamp: 1 },
  ];
  assertEquals(similarities(talk), [0.2, 0.5, 1, 0.2, 0, 0]);
});
