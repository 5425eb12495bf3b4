import { rebuild, type AuditTransaction } from "../../../src/audit/index.ts";
import { blockNumberCall } from "../../../src/chain/calls.ts";
import { contractAddress, type Deployment } from "../../../src/chain/deployment.ts";
import type { RpcClient } from "../../../src/chain/rpc.ts";
import { computeOf } from "../../audit/computeHistory.ts";
import { edited, historyOf, type Args, type Site } from "../../audit/editedHistory.ts";

type Domain = Parameters<typeof rebuild>[0]["domain"];

const OTHER = `0x${"12".repeat(32)}`;
const STRANGER = "0x1234567890AbcdEF1234567890aBcdef12345678";

/** What of each event is told otherwise. */
const EDITS: Readonly<Record<string, readonly ((args: Args) => void)[]>> = {
  MeasuredChallenge: [
    (args) => (args.challenger = STRANGER),
    (args) => (args.result = OTHER),
    (args) => (args.aggregateRoot = OTHER),
    (args) => (args.scores = (args.scores as bigint[]).map((score) => score + 1n)),
    (args) => {
      const table = args.table as { losses: bigint[] };
      table.losses = table.losses.map((loss, place) => (place === 0 ? loss + 1n : loss));
    },
  ],
  MeasuredAnswer: [
    (args) => (args.answerer = STRANGER),
    (args) => (args.part = Number(args.part) === 8 ? 7 : 8),
    (args) => (args.position = (args.position as bigint) + 1n),
    (args) => (args.measured = (args.measured as bigint) + 1n),
    (args) => (args.challengerProves = args.challengerProves !== true),
  ],
  MeasuredVerdict: [(args) => (args.winner = STRANGER), (args) => (args.result = OTHER)],
  ReproducibleJobPosted: [
    (args) => ((args.terms as Args).dataset = OTHER),
    (args) => (((args.terms as Args).program as Args).root = OTHER),
    (args) => ((args.terms as Args).initialState = OTHER),
  ],
};

/** Edits of a measured challenge's events that an audit of the history passes over. */
export async function unnoticedEdits(rpc: RpcClient, deployment: Deployment, domain: Domain): Promise<string[]> {
  const history = await historyOf(
    { rpc, deployment, toBlock: await rpc.call(blockNumberCall()) },
    { compute: computeOf(deployment), reproducible: contractAddress(deployment, "ReproducibleJobs") },
  );
  const unnoticed: string[] = [];
  for (const [name, edits] of Object.entries(EDITS)) {
    const site = siteOf(history, name);
    for (const [number, edit] of edits.entries()) {
      const desk = contractAddress(deployment, "CreditDesk");
      const { findings } = await rebuild({ transactions: edited(history, site, edit), domain, desk });
      const noticed = findings.checks().some((check) => check.name === "jobs" && !check.passed);
      if (!noticed) unnoticed.push(`${name} ${String(number)}`);
    }
  }
  return unnoticed;
}

function siteOf(history: readonly AuditTransaction[], name: string): Site {
  for (const [transaction, { events }] of history.entries()) {
    const event = events.findIndex((one) => one.event.name === name);
    if (event >= 0) return { transaction, event };
  }
  throw new Error(`the history has no ${name}`);
}
