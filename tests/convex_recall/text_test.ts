import { assert, assertEquals } from "@std/assert";
import {
  MAX_STEM_BYTES,
  stem,
  tokenise,
  words,
} from "../../src/convex/lib/text/text.ts";

Deno.test("tokenise() stems words and drops stop words", () => {
  assertEquals(tokenise("The dogs were running in the gardens"), [
    "dog",
    "run",
    "garden",
  ]);
});

Deno.test("tokenise() leads irregular forms back to their word", () => {
  assertEquals(tokenise("She taught children; he teaches a child"), [
    "teach",
    "child",
    "teach",
    "child",
  ]);
});

Deno.test("words() of ASCII text are those that it has among other scripts", () => {
  for (
    const text of [
      "",
      "Don't we'll CAN'T it's Maria's o'clock 'quoted' n't",
      "a_b-c.d@e 10:30 #tag 3.5% x\ty\nz \x00 \x7f",
    ]
  ) assertEquals([...words(text), "e"], words(text + " \u00e9"));
});

Deno.test("tokenise() strips possessives of both apostrophes", () => {
  assertEquals(tokenise("Maria's kite, Omar\u2019s kite"), [
    "maria",
    "kite",
    "omar",
    "kite",
  ]);
});

Deno.test("tokenise() leaves nothing of contractions", () => {
  assertEquals(
    tokenise("I can't, won't, don't, we've, you're, she'll, I'd, isn't tea"),
    ["tea"],
  );
});

Deno.test("words() folds accents, width and case", () => {
  assertEquals(words("Café ＡＢＣ ﬁne Zürich"), [
    "cafe",
    "abc",
    "fine",
    "zurich",
  ]);
});

Deno.test("words() keeps numbers and mixed words", () => {
  assertEquals(words("Room 42b costs $1,300"), [
    "room",
    "42b",
    "42",
    "costs",
    "1300",
  ]);
});

Deno.test("words() joins thousands, and nothing else with commas", () => {
  for (const tail of ["", " \u00e9"]) {
    const found = words("12,345,678.50 1,2,3 1,2345 2,300,40" + tail);
    assertEquals(
      found.join(" "),
      "12345678 50 1 2 3 1 2345 2 300 40" + (tail && " e"),
    );
  }
});

Deno.test("words() has words with a hyphen as one word, too", () => {
  for (const tail of ["", " \u00e9"]) {
    assertEquals(
      words("Wi-Fi, e-mail; check-in in mid-May 2023" + tail).join(" "),
      "wifi wi fi email e mail checkin check in in midmay mid may 2023" +
        (tail && " e"),
    );
    assertEquals(
      words("state-of-the-art well-known 4-star x--y -a end-" + tail).join(" "),
      "state of the art wellknown well known 4 star x y a end" + (tail && " e"),
    );
  }
});

Deno.test("words() cuts scripts without spaces into pairs, and Chinese also into characters", () => {
  assertEquals(words("東京都 x"), ["東京", "京都", "東", "京", "都", "x"]);
  assertEquals(words("水"), ["水"]);
  assertEquals(words("phone手机"), ["phone", "手机", "手", "机"]);
  assertEquals(words("ｺｰﾋｰ"), ["コー", "ーヒ", "ヒー"]);
  assertEquals(words("ไป"), ["ไป"]);
  assertEquals(words("ວຽງ ភ្នំ မြို့").length, 2 + 3 + 4);
});

Deno.test("words() finds a Korean word with and without its particle", () => {
  assertEquals(words("집에"), ["집에", "집", "에"]);
  assertEquals(tokenise("집에"), ["집에", "집"]);
});

Deno.test("words() keeps words of other alphabets whole, without signs that may be left out", () => {
  assertEquals(words("Привет ёж"), ["привет", "еж"]);
  assertEquals(words("مُحَمَّد كـتاب"), ["محمد", "كتاب"]);
  assertEquals(words("שָׁלוֹם־לך"), ["שלום", "לך"]);
  assertEquals(words("Ὀδυσσεύς Straße Łódź"), ["οδυσσευσ", "strasse", "lodz"]);
});

Deno.test("words() looks through what is not seen inside a word", () => {
  assertEquals(words("pass\u00adword می\u200cخواهم"), ["password", "ميخواهم"]);
  assertEquals(words("one\u200btwo"), ["one", "two"]);
});

Deno.test("words() gives pictures as words", () => {
  assertEquals(words("🦄!👨‍👩‍👧"), [
    "emoji1f984",
    "emoji1f468",
    "emoji1f469",
    "emoji1f467",
  ]);
  // A flag is a pair of characters, and one of them alone is nothing.
  assertEquals(words("Paris 🇫🇷🇯🇵 \u{1f1eb}"), [
    "paris",
    "emoji1f1eb1f1f7",
    "emoji1f1ef1f1f5",
  ]);
});

Deno.test("words() gives nothing for text without letters, digits and pictures", () => {
  assertEquals(words(" \n…!? → --"), []);
  assertEquals(words(""), []);
});

Deno.test("stem() takes from Arabic and Hebrew words what is written in one with them", () => {
  const stems = (text: string) => words(text).map(stem);
  const alike = [
    "كلب الكلب والكلب كلبان كلبين كلبها",
    "مدرس المدرسون بالمدرسين للمدرسات مدرسة",
    "مستشفى المستشفى مستشفي",
    "أعمل وأعمل اعمل",
    "کتاب كتاب",
    "כלב הכלב כלבים ולכלבים",
    "דירה הדירה בדירה דירות שבדירות",
    "מכתב המכתב למכתבים",
    "שולחן השולחנות",
    "בית הבית בבית",
  ];
  for (const forms of alike) {
    assertEquals(new Set(stems(forms)).size, 1, `${stems(forms)}`);
  }
  // What is left is a word of two letters, or of three behind the Arabic "and" and in Hebrew.
  assertEquals(stems("ورد وجد يد بين"), ["ورد", "وجد", "يد", "بين"]);
  assertEquals(stems("שמש בת הר מים"), ["שמש", "בת", "הר", "מימ"]);
});

Deno.test("stem() cuts at whole characters within the index's bound", () => {
  const bytes = (text: string) => new TextEncoder().encode(text).length;
  for (const letter of ["a", "7", "é", "ж", "語", "𝒳"]) {
    const cut = stem(letter.repeat(40));
    assert(bytes(cut) <= MAX_STEM_BYTES, `${letter}: ${bytes(cut)} bytes`);
    assert(bytes(cut) > MAX_STEM_BYTES - 4, `${letter}: ${bytes(cut)} bytes`);
    assert(letter.repeat(40).startsWith(cut));
  }
});

Deno.test("tokenise() keeps at most the number of stems asked for", () => {
  assertEquals(tokenise("red green blue yellow", 2), ["red", "green"]);
});

Deno.test("tokenise() drops question words and keeps months", () => {
  assertEquals(tokenise("when, whose and the May, March or August"), [
    "mai",
    "march",
    "august",
  ]);
});

Deno.test("tokenise() of stop words alone keeps them", () => {
  assertEquals(tokenise("I do!"), ["i", "do"]);
});

Deno.test("tokenise() has one stem for what a person does and where they live or leave", () => {
  for (const text of ["live lives lived living", "leave leaves left leaving"]) {
    assertEquals(new Set(tokenise(text)).size, 1, text);
  }
});
