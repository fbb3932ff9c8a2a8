import { requireMethod } from "../http/http_fault.ts";

/** Largest JSON body accepted from the command line and from export connectors, in bytes. */
export const MAX_ADMIN_JSON_BYTES: number = 4 * 1024 * 1024;

/** A request from an admin, as a route gets it. */
export interface AdminRequest {
  /** The request. */
  request: Request;
  /** Its URL. */
  url: URL;
  /** The rest of its path, after the path of the route. */
  rest: string;
}

/** A response, or a value to be sent as JSON. */
export type AdminAnswer = Response | object | string | null;

/** An endpoint that only admins may use. */
export interface AdminRoute {
  /** Its path. One that ends in a slash matches every path one level below it. */
  path: string;
  /** Methods it serves. Default: all. */
  methods?: readonly string[];
  /** Answers a request. Throws `HttpFault`. */
  answer(asked: AdminRequest): AdminAnswer | Promise<AdminAnswer>;
}

/** A route for `GET`. */
export function get(path: string, answer: AdminRoute["answer"]): AdminRoute {
  return { path, methods: ["GET"], answer };
}

/** A route for `POST`. */
export function post(path: string, answer: AdminRoute["answer"]): AdminRoute {
  return { path, methods: ["POST"], answer };
}

/** The endpoints for admins, by path. */
export class AdminRoutes {
  readonly #routes: Map<string, AdminRoute>;

  /** Takes the routes, at most one per path. */
  constructor(routes: readonly AdminRoute[]) {
    this.#routes = new Map(routes.map((route) => [route.path, route]));
  }

  /** Whether there is a route for a path. */
  has(pathname: string): boolean {
    return this.#find(pathname) !== undefined;
  }

  /** Answers a request; undefined without a route for its path. Throws `HttpFault`. */
  async answer(request: Request, url: URL): Promise<Response | undefined> {
    const route = this.#find(url.pathname);
    if (!route) return undefined;
    if (route.methods) requireMethod(request, ...route.methods);
    const rest = url.pathname.slice(route.path.length);
    const answer = await route.answer({ request, url, rest });
    return answer instanceof Response ? answer : Response.json(answer);
  }

  #find(pathname: string): AdminRoute | undefined {
    const folder = pathname.slice(0, pathname.lastIndexOf("/") + 1);
    return this.#routes.get(pathname) ?? this.#routes.get(folder);
  }
}
