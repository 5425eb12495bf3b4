import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { ServerContext } from "./context.ts";
import { mountLookups } from "./lookup/mountLookups.ts";
import { mountOtterscan } from "./otterscan/mountOtterscan.ts";
import { mountSourcify } from "./sourcify/mountSourcify.ts";
import { DEFAULT_LIMITS, limitWork, type Limits } from "./limits.ts";
import { openApiDocument } from "./openApi.ts";
import { servePage } from "./pageFiles.ts";
import { notFound, problemOf, RefusedError } from "./problems.ts";
import type { Queries } from "./queries/query.ts";
import { answerRoutes } from "./routes.ts";
import { ownHostOnly, safeHeaders } from "./security.ts";

export interface AppParameters {
  readonly context: ServerContext;
  readonly queries: Queries;
  /** Folder of the built page; without it the server answers the API alone. */
  readonly page?: string;
  readonly limits?: Limits;
  readonly checkAnswers?: boolean;
  /** Hears of failures that nobody expected. */
  readonly onFailure?: (error: unknown) => void;
}

/** The whole server, without a port. */
export async function createApp({
  context,
  queries,
  page,
  limits = DEFAULT_LIMITS,
  checkAnswers = false,
  onFailure,
}: AppParameters): Promise<Hono> {
  const app = new Hono();
  app.onError((error, request) => {
    const { status, problem } = problemOf(error);
    if (status === 500) onFailure?.(error);
    return request.json(problem, status);
  });
  app.use(safeHeaders());
  app.use(ownHostOnly());
  app.use(
    bodyLimit({
      maxSize: limits.bodyBytes,
      onError: () => {
        throw new RefusedError(413, {
          code: "BODY_TOO_LARGE",
          what: "The request is too large",
          values: { bytes: limits.bodyBytes },
          hint: "Send less at once.",
        });
      },
    }),
  );
  app.use(limitWork(limits));
  const document = openApiDocument();
  app.get("/api/openapi.json", (request) => request.json(document));
  app.route("/", answerRoutes({ context, queries, checkAnswers }));
  mountOtterscan(app, context, onFailure === undefined ? {} : { onFailure });
  mountSourcify(app, context);
  mountLookups(app, context);
  if (page !== undefined) await servePage(app, page);
  app.notFound((request) => {
    const { status, problem } = problemOf(notFound("There is no such route", { path: request.req.path }));
    return request.json(problem, status);
  });
  return app;
}
