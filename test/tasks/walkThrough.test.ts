import { expect } from "chai";
import { startOwnNode, type OwnNode } from "./ownNode.ts";

// 2025-06-21 00:00 UTC, as the walk-through in docs/commands.md starts its node.
const FIRST_SLOT = 1_944_960;

// Addresses of public test device keys 0 and 1.
const SOLAR = "0x8C8d35429F74ec245F8Ef2f4Fd1e551cFF97d650";
const HOME = "0x40FBBE484b8Ee6139Af08446950B088e10b2306A";
const MATCHER = "0x14dC79964da2C08b23698B3D3cc7Ca32193d9955";
const OWNER = "0xa0Ee7A142d267C1f36714E4a8F75612F20a79720";
const REQUESTER = "0x71bE63f3384f5fb98995898A86B02Fb2426c5788";
const PROVIDER = "0xFABB0ac9d68B0B445fB7357272Ff202C5651694a";

/** The walk-through: what is typed, and what the answer has to contain. */
const STEPS: readonly (readonly [command: string, answer: string])[] = [
  ["joulework:deploy", ""],
  ["joulework:zone 1", "Zone 1 created"],
  [`joulework:zone 1 --matcher ${MATCHER} --from-slot 1944980`, "Scheduled"],
  ["joulework:time --slot 1944965", "2025-06-21 01:15:0"],
  [`joulework:zone 1 --matcher ${MATCHER} --from-slot 1944980`, "clears zone 1 from slot 1944980 on"],
  [`joulework:deposit 200 --matcher ${MATCHER} --buy`, "200 credits paid to the bond"],
  ["joulework:site 1", "Site 1 "],
  ["joulework:site 1", "Site 2 "],
  ["joulework:time --slot 1944979", "slot 1944979. Orders are taken for slots 1944980 to 1944987"],
  ["joulework:meter 1 producer 4000 --source solar --device 0", SOLAR],
  ["joulework:meter 2 consumer 4000 --device 1", HOME],
  ["joulework:deposit 100 --site 1 --buy", "100 credits paid"],
  [`joulework:deposit 25 --meter ${HOME} --buy`, "25 credits paid"],
  ["joulework:order 1944981 --offer 800 --limit 0.10 --device 0 --book book.json", "has 1 of slot 1944981"],
  ["joulework:order 1944981 --bid 800 --limit 0.30 --device 1 --book book.json", "has 2 of slot 1944981"],
  ["joulework:time --slot 1944980", "slot 1944980"],
  ["joulework:settle 1 1944979 0 0 --device 0", SOLAR],
  ["joulework:settle 1 1944979 0 0 --device 1", HOME],
  ["joulework:time --slot 1944980 --seconds 310", "05:05:1"],
  ["joulework:commit book.json", "of 2 orders committed"],
  ["joulework:clear book.json", "Slot 1944981 cleared: 800 Wh at 0.2 credits a kWh"],
  ["joulework:time --slot 1944982", "slot 1944982"],
  ["joulework:settle 1 1944980 0 0 --device 0", ""],
  ["joulework:settle 1 1944980 0 0 --device 1", ""],
  ["joulework:settle 1 1944981 0 800 --device 0", ""],
  ["joulework:settle 1 1944981 900 0 --device 1", ""],
  ["joulework:show-slot 1 1944981", "800 Wh"],
  ["joulework:bill 2 1944979 1944981", "0.800 │   -0.1600"],
  [`joulework:sponsor ${OWNER} --account 12`, `${OWNER} may register ${PROVIDER}`],
  [`joulework:provider ${PROVIDER} ${HOME} --accelerators 8`, "provides 8 accelerators"],
  ["joulework:buy 10", "10 credits bought"],
  [`joulework:stake ${PROVIDER} 10`, "10 credits, 0 of them locked"],
  [`joulework:buy 20 --to ${REQUESTER}`, "20 credits bought"],
  ["joulework:offer --price 0.0001 --accelerators 8 --power 700", "Offer 1: 8 accelerators at 0.0001 credits"],
  ["joulework:offers --accelerators 4", "8 of 8"],
  ["joulework:lease --offer 1 --accelerators 4 --seconds 10000", "Lease 1: waits for 4 accelerators of offer 1"],
  ["joulework:time --slot 1944983", "slot 1944983"],
  ["joulework:lease --start 1", "Lease 1: runs on 4 accelerators of offer 1 through slot 1945078"],
  ["joulework:settle 1 1944982 900 0 --device 1", ""],
  ["joulework:time --slot 1944984", "slot 1944984"],
  ["joulework:settle 1 1944983 1600 0 --device 1", ""],
  ["joulework:use 1 --slot 1944983 --seconds 3600", "0.36 credits for 3600 accelerator-seconds, 700 Wh proved"],
  ["joulework:use 1 --accept", "uses accepted so far: 1"],
  ["joulework:claim --lease 1", `0.36 credits paid to ${PROVIDER}`],
  ["joulework:show-lease 1", "active"],
];

describe("a walk from an empty local node to a first trade and a first lease, as it is typed", () => {
  let own: OwnNode;
  let book: string;

  before(async () => {
    own = await startOwnNode(FIRST_SLOT);
    book = own.path("book.json");
  });

  after(() => own.stop());

  for (const [command, answer] of STEPS) {
    it(command, async () => {
      const typed = `npx hardhat ${command} --network localhost`.replace("book.json", book);
      expect(await own.types(typed)).to.include(answer);
    });
  }
});
