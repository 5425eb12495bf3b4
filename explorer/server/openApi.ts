import { z } from "zod";
import { problem } from "../api/problem.ts";
import { ROUTES, type Route } from "../api/routes.ts";

const REFUSALS = {
  400: "The question is wrong",
  404: "There is no such thing",
  429: "Too many questions at once; ask again after the seconds of Retry-After",
  503: "The node or the index does not answer, or the answer takes too long",
} as const;

/** The OpenAPI 3.1 document of the JSON API, made from the table of routes. */
export function openApiDocument(): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const [name, route] of Object.entries<Route>(ROUTES)) {
    (paths[route.path] ??= {})[route.method.toLowerCase()] = operation(name, route);
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Joulework explorer",
      version: "1",
      description:
        "Read-only figures of one deployment. Money in ticks (1e-9 credits), energy in Wh, prices in ticks per Wh.",
    },
    paths,
    components: { schemas: { Problem: schemaOf(problem) } },
  };
}

function operation(operationId: string, { summary, params, query, answer }: Route): object {
  const refusals = Object.entries(REFUSALS).map(([status, description]) => [
    status,
    { description, content: { "application/json": { schema: { $ref: "#/components/schemas/Problem" } } } },
  ]);
  return {
    operationId,
    summary,
    parameters: [...parametersOf(params, "path"), ...parametersOf(query, "query")],
    responses: {
      200: { description: summary, content: { "application/json": { schema: schemaOf(answer) } } },
      ...(Object.fromEntries(refusals) as object),
    },
  };
}

function parametersOf(fields: z.ZodObject, place: "path" | "query"): object[] {
  return Object.entries(fields.shape as Record<string, z.ZodType>).map(([name, field]) => ({
    name,
    in: place,
    required: place === "path" || !field.safeParse(undefined).success,
    schema: schemaOf(field, "input"),
  }));
}

/** Schemas that use themselves keep their definitions inside, where their references point to. */
function schemaOf(type: z.ZodType, io: "input" | "output" = "output"): object {
  const schema = z.toJSONSchema(type, { io, unrepresentable: "any" });
  delete schema.$schema;
  return schema;
}
