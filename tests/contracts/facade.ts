import { assertEquals, assertStringIncludes } from "@std/assert";
import { AsyncConvexClient } from "../../src/client/async_convex_client.ts";
import {
  embeddedSource,
  type EmbeddedSourceOptions,
} from "../../src/client/sources/embedded_source.ts";
import { httpSource } from "../../src/client/http/http_source.ts";
import type { ClientSource } from "../../src/client/types.ts";
import { modules, schema } from "../../src/convex/index.ts";
import { Cortex } from "../../src/cortex/cortex.ts";
import { openEngine } from "../../src/engine/engine.ts";
import { availableKinds } from "../../src/executor/hosts/detect.ts";
import { createConvexServer } from "../../src/server/mod.ts";
import { openMemoryStore } from "../../src/store/memory_store.ts";
import { facadeCallContract } from "../../src/testing/facade/call_contract.ts";
import { facadeConfigContract } from "../../src/testing/facade/config_contract.ts";
import { facadeAuthContract } from "../../src/testing/facade/auth_contract.ts";
import { facadeContract } from "../../src/testing/facade/contract.ts";
import {
  facadeModuleContract,
  facadeModuleValidationContract,
} from "../../src/testing/facade/module_contract.ts";
import { facadeInputContract } from "../../src/testing/facade/input_contract.ts";
import { facadeConditionContract } from "../../src/testing/facade/selection_contract.ts";
import {
  exchange,
  type FacadeSubject,
  note,
  rejectionOf,
} from "../../src/testing/facade/subject.ts";
import { facadeValidationContract } from "../../src/testing/facade/validation_contract.ts";
import type { ContractCase } from "../../src/testing/types.ts";
import { hasSqlite, inDirectory } from "../support/host_files.ts";
import { listen } from "../support/listen.ts";
import { turnOfHost } from "../support/turn_of_host.ts";

/** A place, and what ends everything that was opened there. */
interface Place {
  subject: FacadeSubject;
  end(): Promise<void>;
}

/** A place whose instances each have a client over a source of their own. */
function clientsOver(kind: string, source: () => ClientSource): Place {
  const clients: AsyncConvexClient[] = [];
  const open = () => {
    const client = new AsyncConvexClient(source());
    clients.push(client);
    return client;
  };
  return {
    subject: {
      kind,
      open: (options) => new Cortex({ ...options, client: open() }),
      openTwo(first, second) {
        const client = open();
        return [
          new Cortex({ ...first, client }),
          new Cortex({ ...second, client }),
        ];
      },
    },
    end: async () => {
      await Promise.all(clients.map((client) => client.close()));
    },
  };
}

/** Cortex as users make it, which opens its own client. */
function byDefault(): Place {
  const { subject, end } = clientsOver("by default", () => embeddedSource());
  return {
    subject: { ...subject, open: (options) => new Cortex(options) },
    end,
  };
}

const inline: EmbeddedSourceOptions = { kinds: ["inline"] };

function onThisThread(): Place {
  return clientsOver("on this thread", () => embeddedSource(inline));
}

/** Over the loopback, or, on a host that cannot listen, over the server's handler. */
function overHttp(): Place {
  return clientsOver("over HTTP", () => ({
    async open() {
      const engine = openEngine({ schema, modules, store: openMemoryStore() });
      const { url, fetch, close } = await listen(createConvexServer(engine));
      const origin = url ?? "http://127.0.0.1:1";
      const connection = await httpSource(origin, {
        batchFunction: "batch:run",
        fetch: url === undefined
          ? (url, init) => fetch(String(url).slice(origin.length), init)
          : undefined,
      }).open();
      return {
        call: (call, options) => connection.call(call, options),
        stats: () => connection.stats(),
        async close() {
          await connection.close();
          await close();
          await engine.close();
        },
      };
    },
  }));
}

type Contract = ContractCase<FacadeSubject>[];

function bind(contract: Contract, place: () => Place): ContractCase<void>[] {
  return contract.map(({ name, run }) => ({
    name: `${place().subject.kind}: ${name}`,
    async run() {
      const { subject, end } = place();
      try {
        await run(subject);
      } finally {
        await end();
      }
    },
  }));
}

function bindToFiles(
  contract: Contract,
  options: EmbeddedSourceOptions = {},
): ContractCase<void>[] {
  return contract.map(({ name, run }) => ({
    name: `in a file: ${name}`,
    run: () =>
      inDirectory(async (directory) => {
        let files = 0;
        const { subject, end } = clientsOver(
          "in a file",
          () =>
            embeddedSource({ ...options, path: `${directory}/${++files}.db` }),
        );
        try {
          await run(subject);
        } finally {
          await end();
        }
      }),
  }));
}

/** Cases whose calls run side by side, or are given up: where they run matters most. */
const TIMING = /at once|among many|given up/;
/** Cases of large amounts: they take long, and the bounds that they are about are the backend's, the same everywhere. */
const AMOUNT =
  /however (many|much|large)|sees no further|while .* (is|are) read|is superseded meanwhile|so that 5 MB|take all facts|more than a request| of (120|150|250|510) |twenty large|chosen (first|agents)/;

const inAFile = (one: Contract): ContractCase<void>[] =>
  // A worker takes longer to start than most cases do, and every host has them in a worker by default.
  bindToFiles(one, one.some(({ name }) => TIMING.test(name)) ? {} : inline);

const reopened: ContractCase<void> = {
  name: "in a file: what was remembered is there when the file is opened again",
  run: () =>
    inDirectory(async (directory) => {
      const path = `${directory}/cortex.db`;
      {
        await using cortex = new Cortex({ path });
        await cortex.memory.remember(exchange());
      }
      await using cortex = new Cortex({ path });
      const { items } = await cortex.memory.recall({
        memorySpaceId: "space",
        query: "printer",
      });
      assertEquals(items[0]?.content, exchange().userMessage);
    }),
};

const withoutSqlite: ContractCase<void>[] = [{
  name: "{ path } on a host without SQLite says what is needed",
  async run() {
    await using cortex = new Cortex({ path: "cortex.db" });
    const error = await rejectionOf(() => cortex.memory.store("s", note()));
    assertEquals(error.code, "STORE_UNAVAILABLE");
    assertStringIncludes(
      error.message,
      "a file needs Node >= 22.13, Deno >= 2.2 or Bun; otherwise use storage (in a Durable Object) or convexUrl",
    );
  },
}];

/** Makes a case one of this host, in some place. */
type Binding = (one: Contract) => ContractCase<void>[];

/** Of so many hosts one tries a case of large amounts; Deno tries each. */
const AMOUNT_TURNS = 5;

/**
 * Binds each case to a place of every group but one on Deno; on another host, and those that `AMOUNT` names, to one; those
 * that `TIMING` names to each on Deno, elsewhere to the first place and another. Cases and hosts take turns: what Node 22
 * meets in a file Node 24 meets elsewhere, so that each place is tried on each host and each case in each place; of large
 * amounts each case is tried on some hosts. `CORTEX_EVERY_PLACE` makes Deno, Node and Bun try all.
 */
function spread(contract: Contract, groups: Binding[][]): ContractCase<void>[] {
  const { turn, tries, shares } = turnOfHost();
  const places = groups.flat();
  const [first, ...others] = places;
  const oneOf = (of: Binding[], index: number) =>
    of[(index + turn) % of.length]!;
  let amounts = 0;
  return contract.flatMap((one, index) => {
    let chosen = places;
    if (tries !== "all" && AMOUNT.test(one.name)) {
      const isTried = tries === "most" ||
        (amounts++ + turn) % AMOUNT_TURNS === 0;
      chosen = isTried ? [oneOf(places, index)] : [];
    } else if (TIMING.test(one.name)) {
      if (tries === "one") chosen = [first!, oneOf(others, index)];
    } else if (shares && (index + (turn >> 1)) % 2 === 0) {
      chosen = [];
    } else if (tries === "one") {
      chosen = [oneOf(places, index)];
    } else if (tries === "most") {
      chosen = groups
        .filter((_, at) => at !== (index + turn) % groups.length)
        .map((group) => oneOf(group, index));
    }
    return chosen.flatMap((bindHere) => bindHere([one]));
  });
}

const sqlite = hasSqlite();
const hasWorkers = availableKinds().some((kind) => kind !== "inline");
const bindByDefault: Binding = (one) => bind(one, byDefault);
const bindHere: Binding = (one) => bind(one, onThisThread);
const bindOverHttp: Binding = (one) => bind(one, overHttp);

/** Cases of this area for the host that runs them. */
export const cases: ContractCase<void>[] = [
  ...facadeValidationContract,
  ...facadeConfigContract,
  ...facadeAuthContract,
  ...facadeCallContract,
  ...facadeInputContract,
  ...facadeConditionContract,
  ...facadeModuleValidationContract,
  ...spread(facadeContract, [
    [bindByDefault, ...hasWorkers ? [bindHere] : []],
    [bindOverHttp],
    ...sqlite ? [[inAFile]] : [],
  ]),
  // Many cases, so only where a Cortex opens quickly.
  ...spread(facadeModuleContract, [
    [bindHere],
    [bindOverHttp],
    ...sqlite ? [[(one: Contract) => bindToFiles(one, inline)]] : [],
  ]),
  ...sqlite ? [reopened] : withoutSqlite,
];

/** Cases with a database in a file. */
export const fileCases: ContractCase<void>[] = cases
  .filter(({ name }) => name.startsWith("in a file: "));

/** The other cases. */
export const otherCases: ContractCase<void>[] = cases
  .filter((one) => !fileCases.includes(one));
