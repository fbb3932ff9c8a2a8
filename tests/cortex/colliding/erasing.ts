/** What takes a user, an agent or a space away, and what exports a user first. */
import type { Operation } from "./choice.ts";

export const erasingOperations: Readonly<Record<string, Operation>> = {
  eraseUser: ({ cortex, other }) =>
    cortex.users.delete(other, { cascade: true }),
  countErasure: ({ cortex, user }) =>
    cortex.users.delete(user, { cascade: true, dryRun: true }),
  exportUser: async ({ world, cortex, user }) => {
    const rows: unknown[] = [];
    for await (const line of cortex.users.exportAll(user)) {
      const { table, row } = JSON.parse(line);
      rows.push([table, row]);
    }
    return world.texts(rows);
  },
  takeSpace: ({ cortex, space, user, few }) =>
    few === 0
      ? cortex.memorySpaces.delete(space, { cascade: true, reason: "r" })
      : cortex.memorySpaces.register({
        memorySpaceId: space,
        type: "team",
        participants: [{ id: user, type: "user" }],
      }),
  takeAgent: ({ cortex, agent, few }) =>
    cortex.agents.unregister(agent, { cascade: few > 0 }),
};
