import { assertEquals } from "@std/assert";
import { isAcknowledgement } from "../../src/cortex/memory/acknowledgement.ts";

const replies: [reply: string, userMessage: string, expected: boolean][] = [
  ["Got it!", "My cat is Grace.", true],
  ["Noted.", "My cat is Grace.", true],
  ["I\u2019ve noted that, Ada.", "I am Ada.", true],
  ["Okay, will do.", "Call me Ada.", true],
  ["I'll call you Ada", "Please call me Ada", true],
  ["Understood, your cat is Grace.", "My cat is Grace.", true],
  ["OK", "My cat is Grace.", false],
  ["Great!", "My cat is Grace.", false],
  ["This denoted a change.", "What?", false],
  ["Understood: your flight leaves at 9:40 from gate 12", "When?", false],
  [`Got it! ${"really ".repeat(12)}`, "really?", false],
  ["Book, please", "What?", false],
];

for (const [reply, userMessage, expected] of replies) {
  Deno.test(`isAcknowledgement() is ${expected} for ${JSON.stringify(reply)}`, () => {
    assertEquals(isAcknowledgement(reply, userMessage), expected);
  });
}
