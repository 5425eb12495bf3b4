import type { z } from "zod";
import type { Answer, RouteName, ROUTES } from "../../api/routes.ts";
import type { ServerContext } from "../context.ts";

type Input<Name extends RouteName> = z.output<(typeof ROUTES)[Name]["params"]> &
  z.output<(typeof ROUTES)[Name]["query"]>;

/** Answers a route. Parameters and query were checked before. */
export type Query<Name extends RouteName> = (context: ServerContext, input: Input<Name>) => Promise<Answer<Name>>;

export type Queries = { readonly [Name in RouteName]: Query<Name> };
