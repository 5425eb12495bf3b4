import type { AuditRun } from "../../../../../explorer/api/audit.ts";
import { addressOf, ZONE } from "./parts.ts";
import { SAMPLE_SLOT } from "./slot.ts";

const TOTAL = 4_321;

export function runningAudit(): AuditRun {
  return { id: "run-1", state: "running", done: 1_500, total: TOTAL, checks: [], problem: null };
}

export function passedAudit(): AuditRun {
  return {
    id: "run-1",
    state: "passed",
    done: TOTAL,
    total: TOTAL,
    problem: null,
    checks: [
      {
        name: "money",
        title: "Money of meters and sites",
        passed: true,
        figures: { meters: 48, differences: 0 },
        failures: [],
      },
      {
        name: "index",
        title: "The index is the chain",
        passed: true,
        figures: { events: 12_804, missing: 0 },
        failures: [],
      },
    ],
  };
}

export function failedAudit(): AuditRun {
  const passed = passedAudit();
  return {
    ...passed,
    state: "failed",
    checks: [
      ...passed.checks,
      {
        name: "clearing",
        title: "Clearings done again",
        passed: false,
        figures: { slots: 96, differences: 2 },
        failures: [
          {
            text: `Clearing price of slot ${String(SAMPLE_SLOT)}`,
            expected: "198004",
            found: "198005",
            page: `/slot/${String(ZONE)}/${String(SAMPLE_SLOT)}`,
          },
          { text: "Balance of a meter", expected: "12", found: "11", page: `/meter/${addressOf("bid 0")}` },
          // Not a path of the page, so not a link.
          { text: "A page elsewhere", expected: null, found: null, page: "//example.org/" },
        ],
      },
    ],
  };
}
