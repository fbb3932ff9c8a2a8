import { requireMethod } from "./http_fault.ts";

/** Largest JSON that the command line and connectors of exports send, in bytes. */
export const MAX_ADMIN_JSON_BYTES: number = 4 * 1024 * 1024;

/** A request of an admin on its way to what answers it. */
export interface AdminRequest {
  /** The request. */
  request: Request;
  /** Its URL. */
  url: URL;
  /** What of its path follows the path of the route. */
  rest: string;
}

/** A response, or what is sent as JSON. */
export type AdminAnswer = Response | object | string | null;

/** What is answered to admins at one path. */
export interface AdminRoute {
  /** The path; one that ends in a slash stands for every path right below it. */
  path: string;
  /** Methods that are served. Default: all. */
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

/** All that is answered to admins, by path. */
export class AdminRoutes {
  readonly #routes: Map<string, AdminRoute>;

  /** Takes the routes; each path has one. */
  constructor(routes: readonly AdminRoute[]) {
    this.#routes = new Map(routes.map((route) => [route.path, route]));
  }

  /** Whether something is answered at a path. */
  has(pathname: string): boolean {
    return this.#find(pathname) !== undefined;
  }

  /** Answers a request; undefined where nothing is answered at its path. Throws `HttpFault`. */
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
