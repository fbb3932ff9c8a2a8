/** Exports, and imports of them: into the same tenant, and into another one. */
import type { ImportAllResult } from "../../../mod.ts";
import type { Operation, Scene } from "./choice.ts";
import type { Tenant } from "./world.ts";

export const moveOperations: Readonly<Record<string, Operation>> = {
  moveUser: async (scene) => {
    const { cortex, user } = scene;
    return told(
      scene,
      await target(scene).importAll(cortex.users.exportAll(user)),
    );
  },
  moveTenant: async (scene) =>
    told(scene, await target(scene).importAll(scene.cortex.exportAll())),
  putBackUser: async (scene) => {
    const { cortex, other } = scene;
    const lines: string[] = [];
    for await (const line of cortex.users.exportAll(other)) lines.push(line);
    const erased = await cortex.users.delete(other, { cascade: true });
    return [erased, told(scene, await cortex.importAll(lines))];
  },
  putBackTenant: async (scene) =>
    told(scene, await scene.cortex.importAll(scene.cortex.exportAll())),
};

/** A tenant that has only what was moved from this one. */
function target({ world, tenantId }: Scene): Tenant {
  return world.cortex(`moved-${tenantId}`);
}

/** Rows come in the order of their ids, so conflicts do, too. */
function told({ world }: Scene, { conflicts, ...rest }: ImportAllResult) {
  const texts = world.texts(conflicts.map(({ line: _, ...row }) => row));
  return { ...rest, conflicts: texts };
}
