import { modules, schema } from "../../src/convex/index.ts";
import { isFile, pathOf } from "../command.ts";
import {
  type LoadedFunctions,
  loadFunctions,
  type Site,
} from "./load_functions.ts";
import { placesIn } from "./places.ts";

/**
 * Cortex's own functions. If their folder contains an `auth.config`, it is loaded like any other folder, so that its
 * providers apply here as they do where the folder is deployed.
 */
export async function cortexFunctions(
  site: Site,
  folder: string = pathOf("src/convex"),
): Promise<LoadedFunctions> {
  for (const extension of ["ts", "js"]) {
    if (await isFile(`${folder}/auth.config.${extension}`)) {
      return await loadFunctions(folder, site);
    }
  }
  return {
    modules,
    schema,
    authConfig: undefined,
    components: {},
    placesOf: placesIn(folder),
  };
}
