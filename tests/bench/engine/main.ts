/**
 * The engine against Convex's mock and against SQLite alone, in Deno and in Node 24. Run by
 * `deno task bench:engine [SIZES [PART ...]]`; sizes are numbers of documents, by default `1000,10000,100000`; parts
 * are `reads`, `bulk`, `vectors` of the engines `bare` (none: objects in Maps), `mock`, `memory`, `file`, and `writes`,
 * on `deno` and `node`: by default all.
 *
 * The engines are processes of their own that take turns, a batch of calls each, and of each figure the best batch
 * counts: so it says little of what else the machine has to do. Times are CPU time, of all threads of the process.
 */
import { pathOf } from "../../../tools/command.ts";
import { installRuntimes } from "../../../tools/runtimes.ts";
import { type Best, better, type Cost } from "./measure.ts";
import { type Line, report } from "./report.ts";
import type { Request } from "./run.ts";

const ENGINES = ["bare", "mock", "memory", "file"];
const PARTS = ["reads", "vectors", "bulk"];
const RUNTIMES = ["deno", "node"];
const sizes = (Deno.args[0] ?? "1000,10000,100000").split(",").map(Number);
const asked = Deno.args.slice(1);
/** Those that were asked for; all when none was. */
const chosen = (all: readonly string[]) => {
  const some = all.filter((part) => asked.includes(part));
  return some.length > 0 ? some : all;
};
const hasWrites = asked.includes("writes") ||
  !asked.some((part) => PARTS.includes(part));
const hasOthers = !asked.includes("writes") ||
  asked.some((part) => PARTS.includes(part));

/** Vectors beyond are measured in a file only: with their documents they take gigabytes of memory. */
const MAX_VECTORS_IN_MEMORY = 10_000;
const WARM_MS = 500;
/** The first text search of a file that was just opened reads what its words need, the next one the rest of the index. */
const WARM_UPS = 2;
/** Short ones: a long one is interrupted by whatever else runs. */
const BATCH_MS = 8;
const ROUNDS = 40;
/** After this many ms, an engine has had enough turns at a figure. */
const MAX_FIGURE_MS = 1000;
/** Bulk inserts change what they measure: a few do. */
const BULK_ROUNDS = 4;

const script = pathOf("tests/bench/engine/run.ts");
const node = (await installRuntimes()).node(24);
const programs: { [runtime: string]: [string, string[]] } = {
  deno: [Deno.execPath(), [
    "run",
    "-A",
    "--v8-flags=--max-old-space-size=6000",
  ]],
  node: [node, ["--no-warnings", "--max-old-space-size=6000"]],
};

/** A process that measures one engine. */
class Contender {
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #lines: ReadableStreamDefaultReader<string>;
  readonly engine: string;
  /** Names of the figures that it can measure. */
  figures: string[] = [];

  constructor(runtime: string, folder: string, engine: string, size: number) {
    this.engine = engine;
    const [program, args] = programs[runtime]!;
    const parts = chosen(PARTS).filter((part) =>
      engine === "bare"
        ? part === "reads"
        : part !== "vectors" || engine === "file" ||
          size <= MAX_VECTORS_IN_MEMORY
    );
    this.#child = new Deno.Command(program, {
      args: [...args, script, folder, engine, String(size), ...parts],
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.#input = this.#child.stdin.getWriter();
    let rest = "";
    this.#lines = this.#child.stdout.pipeThrough(new TextDecoderStream())
      .pipeThrough(
        new TransformStream<string, string>({
          transform(chunk, controller) {
            const lines = (rest + chunk).split("\n");
            rest = lines.pop()!;
            for (const line of lines) controller.enqueue(line);
          },
        }),
      ).getReader();
  }

  /** Waits until its data is loaded. */
  async load(): Promise<this> {
    this.figures = await this.#answer() as string[];
    return this;
  }

  async ask(request: Request): Promise<unknown> {
    const line = new TextEncoder().encode(`${JSON.stringify(request)}\n`);
    await this.#input.write(line);
    return await this.#answer();
  }

  async call(call: string, budgetMs: number): Promise<Cost> {
    return await this.ask({ call, budgetMs }) as Cost;
  }

  async end(): Promise<void> {
    await this.ask({ end: true });
    await this.#child.status;
  }

  async #answer(): Promise<unknown> {
    const { value, done } = await this.#lines.read();
    if (done) throw new Error(`the process of ${this.engine} has ended`);
    return JSON.parse(value);
  }
}

/** Lets the contenders take turns at a figure. */
async function measure(
  figure: string,
  contenders: readonly Contender[],
): Promise<(Best | undefined)[]> {
  const isBulk = figure.startsWith("bulk");
  const spent = contenders.map(() => 0);
  const best = contenders.map((): Best | undefined => undefined);
  if (!isBulk) {
    for (const contender of contenders) {
      for (let turn = 0; turn < WARM_UPS; turn++) {
        await contender.call(figure, WARM_MS / WARM_UPS);
      }
    }
  }
  for (let round = 0; round < (isBulk ? BULK_ROUNDS : ROUNDS); round++) {
    for (const [at, contender] of contenders.entries()) {
      if (spent[at]! > MAX_FIGURE_MS) continue;
      const cost = await contender.call(figure, BATCH_MS);
      spent[at]! += cost.wallMs;
      best[at] = better(best[at], cost);
    }
  }
  return best;
}

async function measureSize(
  runtime: string,
  folder: string,
  size: number,
): Promise<Line[]> {
  const contenders: Contender[] = [];
  for (const engine of chosen(ENGINES)) {
    contenders.push(await new Contender(runtime, folder, engine, size).load());
  }
  const lines = contenders.map(({ engine }): Line => ({
    engine,
    size,
    figures: {},
  }));
  const names = new Set(contenders.flatMap(({ figures }) => figures));
  for (const name of names) {
    const able = contenders.filter(({ figures }) => figures.includes(name));
    for (const [at, best] of (await measure(name, able)).entries()) {
      const line = lines.find(({ engine }) => engine === able[at]!.engine)!;
      line.figures[name] = best!;
    }
  }
  for (const [at, contender] of contenders.entries()) {
    if (contender.engine === "file" && chosen(PARTS).includes("reads")) {
      const { read, search } = await contender.ask({ reopen: true }) as {
        read: number;
        search: number;
      };
      const once = (wallMs: number) => ({ wallMs, cpuMs: wallMs });
      lines[at]!.figures["open to first read"] = once(read);
      lines[at]!.figures["open to first text search"] = once(search);
    }
    await contender.end();
  }
  return lines;
}

async function measureRuntime(runtime: string): Promise<Line[]> {
  const folder = await Deno.makeTempDir();
  const lines: Line[] = [];
  try {
    for (const size of hasOthers ? sizes : []) {
      lines.push(...await measureSize(runtime, folder, size));
    }
    if (hasWrites) {
      const contender = new Contender(runtime, folder, "writes", 0);
      await contender.load();
      const { ours, raw } = await contender.ask({ writes: true }) as {
        ours: Line["figures"];
        raw: Line["figures"];
      };
      lines.push({ engine: "file", size: 0, figures: ours });
      lines.push({ engine: "raw", size: 0, figures: raw });
      await contender.end();
    }
    return lines;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

for (const runtime of chosen(RUNTIMES)) {
  const name = runtime === "deno" ? `Deno ${Deno.version.deno}` : "Node 24";
  console.log(`\n${report(name, await measureRuntime(runtime))}`);
}
