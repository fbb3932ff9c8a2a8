import type { Connect } from "./connection.ts";
import { executorClosed } from "../failures.ts";
import { FairMicrotasks } from "./fair_microtasks.ts";
import { localClone } from "../wire/local_clone.ts";
import { Service } from "../worker/service.ts";
import type { CreateHandler } from "../types.ts";

/**
 * Runs the handler on this thread, behind the same messages and the same cloning as a worker, so that nothing is shared
 * with the caller and nothing behaves differently. It holds no timer, socket or other resource.
 */
export function connectInline(create: CreateHandler): Connect {
  return (events) => {
    let ended = false;
    const soon = new FairMicrotasks();
    const service = new Service(create, (message, transfer) => {
      const clone = localClone(message as object, transfer);
      soon.add(() => {
        if (!ended) events.message(clone);
      });
    }, {
      isGivenUp: events.isGivenUp,
      afterMessages: (callback) => soon.afterAll(callback),
    });
    service.hello();
    return {
      alwaysHolds: false,
      post(message, transfer) {
        const clone = localClone(message as object, transfer);
        soon.add(() => {
          if (!ended) service.receive(clone);
        });
      },
      hold() {},
      async end() {
        ended = true;
        await service.end(executorClosed());
      },
    };
  };
}
