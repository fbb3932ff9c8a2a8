/** Worker for workerd: runs the contract cases inside a request and answers with the report. */
import { runAll } from "../contracts/all.ts";

export default {
  async fetch(): Promise<Response> {
    return Response.json(await runAll());
  },
};
