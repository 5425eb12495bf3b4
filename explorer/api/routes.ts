import { z } from "zod";
import { account } from "./account.ts";
import { auditRun } from "./audit.ts";
import { block, transaction } from "./block.ts";
import { certificate } from "./certificate.ts";
import { callAnswer, contract } from "./contract.ts";
import { governance } from "./governance.ts";
import { job, jobList } from "./job.ts";
import { meter } from "./meter.ts";
import { overview } from "./overview.ts";
import { address, decimal, eventList, hash, slotNumber, zoneNumber } from "./primitives.ts";
import { reproducibleJob, reproducibleList } from "./reproducible.ts";
import { searchAnswer } from "./search.ts";
import { slot } from "./slot.ts";

const page = { cursor: z.string().max(64).optional(), limit: z.coerce.number().int().min(1).max(500).optional() };
const number = z.coerce.number().int().nonnegative();

/** A route of the JSON API. `path` has `{name}` for each path parameter; `query` and `params` are checked before anything is read. */
export interface Route {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly summary: string;
  readonly params: z.ZodObject;
  readonly query: z.ZodObject;
  readonly answer: z.ZodType;
}

const none = z.object({});
const route = <P extends z.ZodObject, Q extends z.ZodObject, A extends z.ZodType>(
  path: string,
  summary: string,
  params: P,
  query: Q,
  answer: A,
  method: "GET" | "POST" = "GET",
) => ({ method, path, summary, params, query, answer }) as const;

/** Every question that the page, or anybody, may ask. The OpenAPI document is made from this table. */
export const ROUTES = {
  overview: route(
    "/api/overview",
    "Head, zones with a day of prices, open jobs, newest blocks and trades",
    none,
    none,
    overview,
  ),
  slot: route(
    "/api/zones/{zone}/slots/{slot}",
    "A market slot of a zone with its orders, readings and recomputed clearing",
    z.object({ zone: number.pipe(zoneNumber), slot: number.pipe(slotNumber) }),
    none,
    slot,
  ),
  meter: route(
    "/api/meters/{address}",
    "A meter with its settled slots, newest first",
    z.object({ address }),
    z.object(page),
    meter,
  ),
  account: route(
    "/api/accounts/{address}",
    "An account: credits, sites, stakes, votes",
    z.object({ address }),
    none,
    account,
  ),
  jobs: route("/api/jobs", "Training jobs, newest first", none, none, jobList),
  job: route(
    "/api/jobs/{job}",
    "A training job with rounds, scores, payouts and receipt",
    z.object({ job: number }),
    none,
    job,
  ),
  reproducibleJobs: route("/api/reproducible", "Reproducible jobs, newest first", none, none, reproducibleList),
  reproducibleJob: route(
    "/api/reproducible/{job}",
    "A reproducible job with claims, payments and every move of its disputes",
    z.object({ job: number }),
    none,
    reproducibleJob,
  ),
  certificate: route(
    "/api/certificates/{tokenId}",
    "A kind of certificate from reading to cancellation",
    z.object({ tokenId: decimal }),
    none,
    certificate,
  ),
  governance: route("/api/governance", "Proposals with decoded calls, votes and queue", none, none, governance),
  contract: route(
    "/api/contracts/{address}",
    "A contract: source, read functions, events",
    z.object({ address }),
    none,
    contract,
  ),
  call: route(
    "/api/contracts/{address}/call",
    "Ask a read function; `args` is a JSON array",
    z.object({ address }),
    z.object({ signature: z.string().max(300), args: z.string().max(4_000) }),
    callAnswer,
  ),
  block: route(
    "/api/blocks/{block}",
    "A block by number or hash with its transactions",
    z.object({ block: z.union([hash, z.string().regex(/^\d{1,15}$/)]) }),
    z.object(page),
    block,
  ),
  transaction: route(
    "/api/transactions/{hash}",
    "A transaction: call, events, errors, trace",
    z.object({ hash }),
    none,
    transaction,
  ),
  events: route(
    "/api/events",
    "Events by contract, name, party, zone and slot, or job of either kind, newest first",
    none,
    z.object({
      ...page,
      contract: z.string().max(64).optional(),
      name: z.string().max(64).optional(),
      party: address.optional(),
      zone: number.optional(),
      slot: number.optional(),
      job: number.optional(),
      reproducible: number.optional(),
    }),
    eventList,
  ),
  search: route(
    "/api/search",
    "Find an address, hash, slot, meter, site or job",
    none,
    z.object({ q: z.string().min(1).max(100) }),
    searchAnswer,
  ),
  startAudit: route("/api/audit", "Start an audit, or return the one that runs", none, none, auditRun, "POST"),
  audit: route("/api/audit/{id}", "How an audit goes", z.object({ id: z.string().max(40) }), none, auditRun),
} as const;

export type RouteName = keyof typeof ROUTES;
export type Answer<Name extends RouteName> = z.output<(typeof ROUTES)[Name]["answer"]>;
