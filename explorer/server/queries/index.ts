import type { Audits } from "../audit/audits.ts";
import { account } from "./account.ts";
import { block } from "./block.ts";
import { call } from "./call.ts";
import { certificate } from "./certificate.ts";
import { contract } from "./contract.ts";
import { events } from "./events.ts";
import { governance } from "./governance.ts";
import { job } from "./job.ts";
import { jobs } from "./jobs.ts";
import { meter } from "./meter.ts";
import { overview } from "./overview.ts";
import type { Queries } from "./query.ts";
import { reproducibleJob } from "./reproducibleJob.ts";
import { reproducibleJobs } from "./reproducibleJobs.ts";
import { search } from "./search.ts";
import { slot } from "./slot.ts";
import { transaction } from "./transaction.ts";

/** The query of every route. */
export function createQueries(audits: Audits): Queries {
  return {
    overview,
    slot,
    meter,
    account,
    jobs,
    job,
    reproducibleJobs,
    reproducibleJob,
    certificate,
    governance,
    contract,
    call,
    block,
    transaction,
    events,
    search,
    startAudit: () => audits.start(),
    audit: (_, { id }) => Promise.resolve(audits.get(id)),
  };
}
