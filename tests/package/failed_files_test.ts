import { assertEquals } from "@std/assert";
import { failedFiles } from "../../tools/failed_files.ts";

const output = `running
Uncaught error from ./tests/b_test.ts FAILED
./tests/a_test.ts => fails a: b => c ... FAILED (862µs)
./tests/a_test.ts => steps ... inner ... FAILED (0ms)
./tests/a_test.ts => steps ... FAILED (due to 1 failed step) (986µs)
./tests/c_test.ts => fine ... ok (171µs)

 ERRORS 

fails a: b => c => ./tests/support/register.ts:1:6
error: Error: x

 FAILURES 

fails a: b => c => ./tests/support/register.ts:1:6
steps ... inner => ./tests/a_test.ts:2:43
./tests/b_test.ts (uncaught error)

FAILED | 2 passed | 5 failed (1 step) (202ms)
`;

Deno.test("the files that failed are read from what deno test printed", () => {
  assertEquals(failedFiles(output), ["./tests/b_test.ts", "./tests/a_test.ts"]);
});

Deno.test("a failure whose file is not told makes all files run again", () => {
  const cut = output.replace("./tests/a_test.ts => fails", "printed ./tests/x");
  assertEquals(failedFiles(cut), undefined);
  assertEquals(failedFiles("error: killed"), undefined);
});
