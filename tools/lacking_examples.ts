/** Finds what the documentation of the exports shows in no example. A part of `deno task check:house`. */

/** Classes and interfaces whose methods callers do not call. */
const NOT_CALLED = new Set([
  // What makes up the facade's modules; exported as types that its classes name.
  "ApiContext",
  "CallOrder",
  "FactDeduplicator",
  "VersionRules",
  // What a caller, or the host, hands in.
  "BunServer",
  "BunSocket",
  "ClientHooks",
  "ClientSource",
  "Clock",
  "Connection",
  "ConnectionHooks",
  "ConvexClientLike",
  "DeploymentEnvironment",
  "DurableObjectStorageLike",
  "HandlerHost",
  "LiveFollower",
  "NodeRequest",
  "NodeResponse",
  "NodeServer",
  "NodeSocket",
  "ObjectStorageLike",
  "PushTaker",
  "QueryObserver",
  "SpanLike",
  "StandardWebSocket",
  "StartedWorker",
  "SyncConvexClient",
  "SyncSocket",
  "SyncStore",
  "Timers",
  "WebSocketLike",
  "WsServer",
  "WsSocket",
  // What only a host's handlers call.
  "BunHandlers",
  "BunOutbox",
  "SyncConnection",
  // What `FileGate.open` gives, in whose example it is read.
  "ServedFile",
]);

/** A documented thing, as `deno doc --json` has it. */
interface Documented {
  name: string;
  jsDoc?: { doc?: string; tags?: { kind: string; doc?: string }[] };
  accessibility?: string;
}

interface Declaration extends Documented {
  kind: string;
  declarationKind: string;
  def?: { methods?: Documented[] };
}

/** What `deno doc --json` prints, as far as it is read here. */
export interface Docs {
  nodes: {
    [entry: string]: {
      symbols: { name: string; declarations: Declaration[] }[];
    };
  };
}

/**
 * Names of exported functions and methods, a method's as `Type.method`, that no example shows which runs. A method is
 * also shown by an example of its type that calls it. Methods named by symbols do what those say, and members marked as
 * internal are not for callers.
 */
export function lackingExamples({ nodes }: Docs): string[] {
  const lacking = new Set<string>();
  const byName = Map.groupBy(
    Object.values(nodes).flatMap(({ symbols }) => symbols),
    ({ name }) => name,
  );
  for (const [name, symbols] of byName) {
    const declarations = symbols.flatMap(({ declarations }) => declarations)
      .filter(({ declarationKind }) => declarationKind === "export");
    const own = declarations.map(examplesOf).join("\n").trim();
    if (declarations.some(({ kind }) => kind === "function") && own === "") {
      lacking.add(name);
    }
    if (NOT_CALLED.has(name)) continue;
    const methods = Map.groupBy(
      declarations.flatMap(({ def }) => def?.methods ?? []).filter(isCalled),
      (method) => method.name,
    );
    for (const [method, overloads] of methods) {
      const isShown = overloads.some((overload) => examplesOf(overload)) ||
        new RegExp(`\\.${method}\\b|\\b${method}[(:,]`).test(own);
      if (!isShown) lacking.add(`${name}.${method}`);
    }
  }
  return [...lacking].sort();
}

function isCalled({ name, accessibility, jsDoc }: Documented): boolean {
  return !name.startsWith("[") && accessibility !== "private" &&
    !jsDoc?.tags?.some(({ kind }) => kind === "internal");
}

/** The code of the examples in a doc comment that run. */
function examplesOf({ jsDoc }: Documented): string {
  const texts = [jsDoc?.doc, ...(jsDoc?.tags ?? []).map(({ doc }) => doc)];
  return texts.flatMap((text) =>
    [...(text ?? "").matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => code)
  ).join("\n");
}
