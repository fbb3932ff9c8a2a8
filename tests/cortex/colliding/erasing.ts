/** What takes users away, and what says first what would be taken. */
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
  eraseUsers: ({ cortex, user, other, few }) =>
    few === 0
      ? cortex.users.deleteMany([user, other], { cascade: true })
      : cortex.users.delete(other),
};
