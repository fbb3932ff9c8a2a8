import { startLiveServer } from "../support/live_server.ts";
import { liveCases } from "./live.ts";

for (const { name } of liveCases({ url: "" })) {
  Deno.test(`client: ${name}`, async () => {
    await using server = startLiveServer();
    await liveCases(server).find((one) => one.name === name)!.run();
  });
}
