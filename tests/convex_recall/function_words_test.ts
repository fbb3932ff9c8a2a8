import { assert, assertEquals } from "@std/assert";
import { functionWords } from "../../src/convex/lib/text/functionWords.ts";
import { parseQuery } from "../../src/convex/lib/ranking/query.ts";
import { words } from "../../src/convex/lib/text/text.ts";

Deno.test("functionWords() are those of the language that most words are of", () => {
  const cases: [string, string][] = [
    ["Wo habe ich mein Auto geparkt?", "mein"],
    ["Où est-ce que j'ai garé ma voiture ?", "est"],
    ["¿Dónde está mi coche?", "mi"],
    ["Dov'è la mia macchina, quando la lavo?", "mia"],
    ["Onde está o meu carro?", "meu"],
    ["Waar heb ik mijn auto geparkeerd?", "mijn"],
    ["Где я поставила мою машину?", "мою"],
    ["أين كانت سيارتي؟", "كانت"],
    ["मेरी गाड़ी कहाँ है?", "मेरी"],
  ];
  for (const [text, word] of cases) {
    const all = words(text);
    assert(functionWords(all).has(words(word)[0]!), text);
  }
});

Deno.test("functionWords() has none where English has as many, or no word is of one language alone", () => {
  assertEquals(functionWords(["die", "hard"]).size, 0);
  assertEquals(functionWords(["we", "saw", "das", "boot"]).size, 0);
  assert(functionWords(["we", "saw", "das", "boot", "nicht"]).has("nicht"));
});

Deno.test("parseQuery() has light words in other languages, beside others", () => {
  const light = (text: string) => [...parseQuery(text).light];
  assertEquals(light("Wo ist die Katze?"), ["wo", "ist", "die"]);
  assertEquals(light("Wo ist sie?"), []);
  assertEquals(light("What did my son say about the car and the war?"), []);
});

Deno.test("parseQuery() searches for light words last", () => {
  const many = "und oder aber nicht auch noch nur schon sehr ist sind bin";
  const { search } = parseQuery(`${many} bist seid hat habe Rad Tor`);
  assert(["rad", "tor"].every((word) => search.split(" ").includes(word)));
});
