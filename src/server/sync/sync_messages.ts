import { formatJson } from "../../values/format_json.ts";
import { isAbsent, isRecord } from "../../values/kinds.ts";
import { type Args, decodeArgs } from "../call_args.ts";
import { COMPONENT_REFUSAL } from "../auth/callers.ts";
import { cutJson, TOO_DEEP } from "../cut_json.ts";
import { decodeTs } from "../encoded_ts.ts";
import { SyncFault } from "./sync_fault.ts";

/** A query to follow. */
export interface AddQuery {
  /** The client's number for it. */
  queryId: number;
  /** Name of the function. */
  udfPath: string;
  /** Its arguments. */
  args: Args;
  /** Path of its component; `""` is the app. */
  component: string;
  /** Journal of an earlier run. */
  journal: string | null;
}

/** A call of a mutation or an action. */
export interface FunctionRequest {
  type: "Mutation" | "Action";
  /** The client's number for it. */
  requestId: number;
  /** Name of the function. */
  udfPath: string;
  /** Its arguments. */
  args: Args;
  /** Path of its component; `""` is the app. */
  component: string;
}

/** A change of the client's identity. */
export interface Authenticate {
  type: "Authenticate";
  /** Identity version that it replaces. */
  baseVersion: number;
  /** Kind of token. */
  tokenType: "User" | "Admin" | "None";
  /** The token. */
  value: string;
  /** The user that an admin acts as. */
  impersonating: Args | undefined;
}

/** A message from a client. */
export type ClientMessage =
  | {
    type: "Connect";
    sessionId: string;
    connectionCount: number;
    maxObservedTimestamp: bigint | undefined;
    clientTs: number | undefined;
  }
  | Authenticate
  | {
    type: "ModifyQuerySet";
    baseVersion: number;
    newVersion: number;
    added: AddQuery[];
    removed: number[];
  }
  | FunctionRequest
  | { type: "Event" };

/** Greatest version or id. */
const MAX_U32 = 2 ** 32 - 1;
const MAX_NAME_LENGTH = 1024;
/** It becomes part of a key in the store, so it must be short ASCII. */
const SESSION_ID = /^[\x21-\x7e]{1,64}$/;

type Fields = { [name: string]: unknown };

/** Parses a frame. Throws `SyncFault` for anything that is not part of Convex's protocol. */
export function parseClientMessage(text: string): ClientMessage {
  const cut = cutJson(text);
  if (cut === undefined) throw invalid(`the message is ${TOO_DEEP}`);
  let json: unknown;
  try {
    json = JSON.parse(cut);
  } catch (error) {
    throw invalid(`the message is not JSON: ${(error as Error).message}`);
  }
  const message = object(json, "the message");
  switch (message.type) {
    case "Connect":
      return readConnect(message);
    case "Authenticate":
      return readAuthenticate(message);
    case "ModifyQuerySet":
      return readQuerySet(message);
    case "Mutation":
    case "Action":
      return {
        type: message.type,
        requestId: number(message, "requestId"),
        ...readCall(message),
      };
    case "Event":
      return { type: "Event" };
    default:
      throw invalid(`there is no message of type ${formatJson(message.type)}`);
  }
}

function readConnect(message: Fields): ClientMessage {
  const { sessionId, maxObservedTimestamp, clientTs } = message;
  if (typeof sessionId !== "string" || !SESSION_ID.test(sessionId)) {
    throw invalid(
      `"sessionId" must be 1 to 64 ASCII characters; got ${
        formatJson(sessionId)
      }`,
    );
  }
  return {
    type: "Connect",
    sessionId,
    connectionCount: number(message, "connectionCount"),
    maxObservedTimestamp: isAbsent(maxObservedTimestamp)
      ? undefined
      : checked(() => decodeTs(maxObservedTimestamp)),
    clientTs: typeof clientTs === "number" ? clientTs : undefined,
  };
}

function readAuthenticate(message: Fields): ClientMessage {
  const { tokenType, value, impersonating, acting_as } = message;
  if (tokenType !== "User" && tokenType !== "Admin" && tokenType !== "None") {
    throw invalid(
      `"tokenType" must be "User", "Admin" or "None"; got ${
        formatJson(tokenType)
      }`,
    );
  }
  if (tokenType !== "None" && typeof value !== "string") {
    throw invalid(`"value" must be a token; got ${formatJson(value)}`);
  }
  const actingAs = impersonating ?? acting_as;
  return {
    type: "Authenticate",
    baseVersion: number(message, "baseVersion"),
    tokenType,
    value: tokenType === "None" ? "" : value as string,
    impersonating: isAbsent(actingAs)
      ? undefined
      : decoded(object(actingAs, '"impersonating"'), "impersonating"),
  };
}

function readQuerySet(message: Fields): ClientMessage {
  const { modifications } = message;
  if (!Array.isArray(modifications)) {
    throw invalid(
      `"modifications" must be a list; got ${formatJson(modifications)}`,
    );
  }
  const added: AddQuery[] = [];
  const removed: number[] = [];
  for (const item of modifications) {
    const modification = object(item, "a modification");
    const queryId = number(modification, "queryId");
    if (modification.type === "Remove") removed.push(queryId);
    else if (modification.type === "Add") {
      const { journal } = modification;
      if (!isAbsent(journal) && typeof journal !== "string") {
        throw invalid(`"journal" must be a string; got ${formatJson(journal)}`);
      }
      added.push({
        queryId,
        ...readCall(modification),
        journal: journal as string | null ?? null,
      });
    } else {
      throw invalid(
        `there is no modification of type ${formatJson(modification.type)}`,
      );
    }
  }
  return {
    type: "ModifyQuerySet",
    baseVersion: number(message, "baseVersion"),
    newVersion: number(message, "newVersion"),
    added,
    removed,
  };
}

function readCall({ udfPath, args, componentPath }: Fields) {
  if (
    typeof udfPath !== "string" || udfPath === "" ||
    udfPath.length > MAX_NAME_LENGTH
  ) {
    throw invalid(`"udfPath" must name a function; got ${formatJson(udfPath)}`);
  }
  const component = componentPath ?? "";
  if (typeof component !== "string" || component.length > MAX_NAME_LENGTH) {
    throw invalid(
      `"componentPath" must name a component; got ${formatJson(component)}`,
    );
  }
  if (!Array.isArray(args) || args.length > 1) {
    throw invalid(
      `"args" must be a list of one object; got ${formatJson(args)}`,
    );
  }
  const named = args.length === 0 ? {} : object(args[0], '"args"');
  return { udfPath, component, args: decoded(named, "args") };
}

/** Throws `SyncFault` if a client other than an admin names a component: only the app may call its functions. */
export function checkComponent(component: string, isAdmin: boolean): void {
  if (component === "" || isAdmin) return;
  throw new SyncFault(
    "BadRequest",
    COMPONENT_REFUSAL,
  );
}

function decoded(json: object, name: string): Args {
  return decodeArgs(json, (reason) => invalid(`"${name}": ${reason}`));
}

function checked<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw invalid((error as Error).message);
  }
}

function object(value: unknown, what: string): Fields {
  if (isRecord(value)) return value;
  throw invalid(`${what} must be an object; got ${formatJson(value)}`);
}

function number(fields: Fields, name: string): number {
  const value = fields[name];
  if (Number.isInteger(value) && (value as number) >= 0) {
    if ((value as number) <= MAX_U32) return value as number;
  }
  throw invalid(
    `"${name}" must be an integer from 0 to ${MAX_U32}; got ${
      formatJson(value)
    }`,
  );
}

function invalid(message: string): SyncFault {
  return new SyncFault(
    "BadRequest",
    `Received Invalid JSON on websocket: ${message}`,
  );
}
