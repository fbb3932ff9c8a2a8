import type { FunctionKind } from "../../client/types.ts";
import { trouble } from "./http_fake.ts";

/** Failures of a deployment, and the kinds of call that are retried after them. */
export const TROUBLES: readonly {
  what: string;
  answer: () => Response;
  code: string;
  again: readonly FunctionKind[];
}[] = [
  {
    what: "a refused connection",
    answer: () => {
      throw new TypeError("fetch failed", {
        cause: Object.assign(new Error("connect"), { code: "ECONNREFUSED" }),
      });
    },
    code: "UNREACHABLE",
    again: ["query", "mutation"],
  },
  {
    what: "a connection that broke",
    answer: () => {
      throw new TypeError("terminated");
    },
    code: "UNREACHABLE",
    again: ["query"],
  },
  {
    what: "429",
    answer: () => trouble(429, "RateLimited"),
    code: "RATE_LIMITED",
    again: ["query", "mutation"],
  },
  {
    what: "429 of a gateway",
    answer: () => new Response("slow down", { status: 429 }),
    code: "RATE_LIMITED",
    again: ["query", "mutation"],
  },
  {
    what: "503 before execution",
    answer: () => trouble(503, "RejectedBeforeExecution"),
    code: "OVERLOADED",
    again: ["query", "mutation"],
  },
  {
    what: "503 of who knows when",
    answer: () => trouble(503, "SystemTimeoutError"),
    code: "OVERLOADED",
    again: ["query"],
  },
  {
    what: "500",
    answer: () => trouble(500, "InternalServerError"),
    code: "HTTP_ERROR",
    again: ["query"],
  },
  {
    what: "an answer that was cut",
    answer: () =>
      new Response('{"status":"success","val', {
        headers: { "content-type": "application/json" },
      }),
    code: "BAD_RESPONSE",
    again: ["query"],
  },
  {
    what: "400",
    answer: () => trouble(400, "BadJsonBody"),
    code: "HTTP_ERROR",
    again: [],
  },
  {
    what: "a function that threw",
    answer: () => Response.json({ status: "error", errorMessage: "no" }),
    code: "FUNCTION_ERROR",
    again: [],
  },
];
