/** Script for edge-runtime: runs the contract cases inside a request and answers with the report. */
import { runAll } from "../contracts/all.ts";

interface FetchEvent {
  respondWith(response: Promise<Response>): void;
}

addEventListener("fetch", (event) => {
  const { respondWith } = event as unknown as FetchEvent;
  respondWith.call(event, runAll().then((report) => Response.json(report)));
});
