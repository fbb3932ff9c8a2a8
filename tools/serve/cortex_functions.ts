import { modules, schema } from "../../src/convex/index.ts";
import { isFile, pathOf } from "../command.ts";
import {
  type LoadedFunctions,
  loadFunctions,
  type Site,
} from "./load_functions.ts";
import { placesIn } from "./places.ts";

/**
 * Cortex's own functions. If somebody has added an `auth.config` to their folder, the folder is loaded like any other,
 * so that the providers it names are known here as they are where the folder is deployed.
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
