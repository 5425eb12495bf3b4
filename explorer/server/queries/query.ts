import type { z } from "zod";
import type { Answer, RouteName, ROUTES } from "../../api/routes.ts";
import type { ServerContext } from "../context.ts";

/** An object without fields takes any as far as its type goes, which would spoil the others. */
type Fields<Given> = string extends keyof Given ? unknown : Given;

type Input<Name extends RouteName> = Fields<z.output<(typeof ROUTES)[Name]["params"]>> &
  Fields<z.output<(typeof ROUTES)[Name]["query"]>>;

/** Answers a route. Parameters and query were checked before. */
export type Query<Name extends RouteName> = (context: ServerContext, input: Input<Name>) => Promise<Answer<Name>>;

export type Queries = { readonly [Name in RouteName]: Query<Name> };
