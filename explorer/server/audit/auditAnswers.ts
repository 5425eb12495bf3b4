import type { AuditRun } from "../../api/audit.ts";
import { formatFailure } from "../../../src/audit/formatAudit.ts";
import type { AuditCheck, AuditFailure } from "../../../src/audit/types.ts";

type Check = AuditRun["checks"][number];

/** A check of the audit as its page shows it. */
export function checkAnswer({ name, title, passed, items, figures, failures }: AuditCheck): Check {
  const shown = Object.entries(figures).map(([figure, value]) => [
    figure,
    typeof value === "bigint" ? String(value) : value,
  ]);
  return {
    name,
    title,
    passed,
    figures: { compared: items, ...(Object.fromEntries(shown) as Check["figures"]) },
    failures: failures.map((failure) => ({
      text: formatFailure(failure),
      expected: failure.expected,
      found: failure.found,
      page: pageOf(failure),
    })),
  };
}

/** The page that shows what a failure is about: the smallest thing that it names. */
function pageOf({ zone, slot, job, reproducibleJob, meter, account, transaction }: AuditFailure): string | null {
  if (zone !== undefined && slot !== undefined) return `/slot/${String(zone)}/${String(slot)}`;
  if (job !== undefined) return `/job/${String(job)}`;
  if (reproducibleJob !== undefined) return `/reproducible/${String(reproducibleJob)}`;
  if (meter !== undefined) return `/meter/${meter}`;
  if (account !== undefined) return `/account/${account}`;
  return transaction === undefined ? null : `/tx/${transaction}`;
}
