import { serve } from "@hono/node-server";
import { serveStatic } from "@hono/node-server/serve-static";
import { Hono } from "hono";
import type { AddressInfo } from "node:net";
import { ROUTES, type Answer, type RouteName } from "../../../../explorer/api/routes.ts";
import { openApiDocument } from "../../../../explorer/server/openApi.ts";
import { buildPage } from "../../../../explorer/page/build.ts";
import { sampleAccount, sampleCertificate, sampleGovernance } from "./samples/accounts.ts";
import { passedAudit, runningAudit } from "./samples/audit.ts";
import { sampleBlock, sampleContract, sampleTransaction } from "./samples/chain.ts";
import { sampleJob, sampleJobs } from "./samples/job.ts";
import { sampleMeter } from "./samples/meter.ts";
import { sampleOverview } from "./samples/overview.ts";
import { eventOf } from "./samples/parts.ts";
import { sampleReproducible, sampleReproducibleJobs } from "./samples/reproducible.ts";
import { sampleSlot } from "./samples/slot.ts";

/** The strictest policy under which the page has to work. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** A question as the fixture server got it. */
export interface Asked {
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
}
type Samples = { [Name in RouteName]: (asked: Asked) => Answer<Name> };

/** An answer that is a problem instead. */
export class SampleProblem extends Error {}

export interface FixtureServer {
  readonly url: string;
  /** What the server answers to one question from now on. */
  readonly answer: <Name extends RouteName>(name: Name, sample: Samples[Name]) => void;
  /** Every question so far, as method and path with query. */
  readonly asked: readonly string[];
  /** Answers everything as at the start again. */
  readonly reset: () => void;
  readonly close: () => Promise<void>;
}

function samples(): Samples {
  return {
    overview: sampleOverview,
    slot: () => sampleSlot(),
    meter: sampleMeter,
    account: sampleAccount,
    jobs: sampleJobs,
    job: sampleJob,
    reproducibleJobs: sampleReproducibleJobs,
    reproducibleJob: sampleReproducible,
    certificate: sampleCertificate,
    governance: sampleGovernance,
    contract: sampleContract,
    call: () => ({ outputs: [{ name: "site", type: "uint32", value: "7" }] }),
    block: sampleBlock,
    transaction: sampleTransaction,
    events: ({ query }) => sampleEvents(query.cursor),
    search: () => ({ hits: [] }),
    startAudit: runningAudit,
    audit: passedAudit,
  };
}

/** Two pages of events. */
function sampleEvents(cursor: string | undefined): Answer<"events"> {
  const first = cursor === undefined ? 0 : 50;
  const events = Array.from({ length: 50 }, (_, index) =>
    eventOf("OrderCleared", 4_000 - first - index, { energyWh: first + index, note: '=1+1, "quoted"' }),
  );
  return cursor === undefined ? { events, next: "older" } : { events };
}

/** Serves the built page with answers of the API's schemas, which it checks, so that a test may choose any state. */
export async function startFixtureServer(): Promise<FixtureServer> {
  const folder = await buildPage();
  let current = samples();
  const asked: string[] = [];
  const app = new Hono();
  app.use(async (context, next) => {
    await next();
    context.header("Content-Security-Policy", POLICY);
  });
  for (const [name, route] of Object.entries(ROUTES) as [RouteName, (typeof ROUTES)[RouteName]][]) {
    app.on(route.method, route.path.replace(/\{(\w+)\}/g, ":$1"), (context) => {
      const { pathname, search } = new URL(context.req.url);
      asked.push(`${route.method} ${pathname}${search}`);
      try {
        const sample = current[name]({ params: context.req.param(), query: context.req.query() });
        return context.json(route.answer.parse(sample) as object);
      } catch (error) {
        if (!(error instanceof SampleProblem)) throw error;
        return context.json({ code: "NOT_FOUND", message: error.message, hint: "Look for another one." }, 404);
      }
    });
  }
  app.get("/api/openapi.json", (context) => context.json(openApiDocument()));
  app.use(serveStatic({ root: folder }));
  app.get("*", serveStatic({ root: folder, path: "index.html" }));
  const server = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" });
  await new Promise<void>((resolve) => server.once("listening", resolve));
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    answer: (name, sample) => {
      current = { ...current, [name]: sample };
    },
    asked,
    reset: () => {
      current = samples();
      asked.length = 0;
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
