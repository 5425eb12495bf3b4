import { expect } from "chai";
import { jobRounds } from "../../../explorer/server/queries/support/jobRounds.ts";
import type { JobEvent } from "../../../explorer/server/queries/job.ts";

const ADDRESS = `0x${"11".repeat(20)}`;
const RIVAL = `0x${"22".repeat(20)}`;

/** An event as the index has it, in a block of its own. */
function told(name: JobEvent["name"], args: Record<string, unknown>, blockNumber: number): JobEvent {
  const place = {
    blockNumber,
    logIndex: 0,
    transactionHash: `0x${"ab".repeat(32)}`,
    transactionIndex: 0,
    timestamp: 7,
  };
  return { ...place, contract: "TrainingJobs", name, args: { job: "1", round: "1", ...args } } as unknown as JobEvent;
}

describe("a measured challenge on a job's page", () => {
  it("tells who challenged, what differs first, and which reproducible job decides", () => {
    const [round] = jobRounds([
      told("MeasuredChallenge", { challenger: RIVAL }, 10),
      told("MeasuredAnswer", { answerer: ADDRESS, part: 7, position: "4", measured: "3", challengerProves: false }, 11),
      told("MeasuredVerdict", { winner: RIVAL }, 12),
      told("MeasuredChallenge", { challenger: ADDRESS }, 13),
      told("MeasuredAnswer", { answerer: RIVAL, part: 3, position: "0", measured: "4", challengerProves: true }, 14),
      told("StringShown", { group: "0", nodes: [] }, 15),
      told("MeasuredAnswer", { answerer: RIVAL, part: 4, position: "1", measured: "0", challengerProves: true }, 16),
      told("MeasuredAnswer", { answerer: RIVAL, part: 9, position: "0", measured: "5", challengerProves: false }, 17),
    ]);
    const moves = round?.disputeMoves.map(({ text, party, reproducibleJob }) => [text, party, reproducibleJob]);
    expect(moves).to.deep.equal([
      ["challenged the result by what it measured", RIVAL, null],
      ["answered: the tables differ first in a loss (5), and it has to prove its own", ADDRESS, 3],
      ["was right in the measured challenge", RIVAL, null],
      ["challenged the result by what it measured", ADDRESS, null],
      ["answered: the tables differ first in an update (1), and the challenger has to prove its own", RIVAL, 4],
      ["bytes were shown, part 1", null, null],
      [
        "answered: the tables differ first in whether an update can be read (2), and the challenger has to prove its own",
        RIVAL,
        null,
      ],
      ["answered: the tables differ first in the next model, and it has to prove its own", RIVAL, 5],
    ]);
  });
});
