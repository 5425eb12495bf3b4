import { Hono } from "hono";
import type { z } from "zod";
import { ROUTES, type Route, type RouteName } from "../api/routes.ts";
import type { ServerContext } from "./context.ts";
import { badRequest } from "./problems.ts";
import type { Queries } from "./queries/query.ts";

export interface AnswerRoutesOptions {
  readonly context: ServerContext;
  readonly queries: Queries;
  /** Also checks every answer by its schema, which tests do. */
  readonly checkAnswers: boolean;
}

/** Every route of the table: parameters and query are checked, then its query answers. */
export function answerRoutes({ context, queries, checkAnswers }: AnswerRoutesOptions): Hono {
  const app = new Hono();
  for (const name of Object.keys(ROUTES) as RouteName[]) {
    const route: Route = ROUTES[name];
    // Which input a query takes, its route says; the checks below make it.
    const answer = queries[name] as (context: ServerContext, input: object) => Promise<unknown>;
    app.on(route.method, honoPath(route.path), async (request) => {
      const params = checked(route.params, request.req.param());
      const query = checked(route.query, request.req.query());
      const given = await answer(context, { ...params, ...query });
      return request.json(checkAnswers ? (route.answer.parse(given) as object) : (given as object));
    });
  }
  return app;
}

function honoPath(path: string): string {
  return path.replace(/\{(\w+)\}/g, ":$1");
}

function checked(schema: z.ZodObject, given: Readonly<Record<string, string>>): object {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const name = String(issue?.path[0] ?? "");
  throw badRequest(
    "PARAMETER_INVALID",
    `The parameter ${name} is wrong (${issue?.message ?? "unreadable"})`,
    { [name]: (given[name] ?? "").slice(0, 100) },
    "See /api for what each route takes.",
  );
}
