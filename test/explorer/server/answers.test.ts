import { expect } from "chai";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Answer, RouteName } from "../../../explorer/api/routes.ts";
import type { EventFilter } from "../../../explorer/store/store.ts";
import { explorerLink } from "../../../scripts/explorer/explorerLink.ts";
import { explorerProcess } from "../../../scripts/explorer/explorerProcess.ts";
import { connectCertificates, decodeCertificateId } from "../../../src/certificates/index.ts";
import { CERTIFICATES_ABI } from "../../../src/chain/certificatesAbi.ts";
import { computeBill } from "../../../src/billing/index.ts";
import { connectContract } from "../../../src/chain/contract.ts";
import { contractAddress } from "../../../src/chain/deployment.ts";
import type { ExchangeEvent } from "../../../src/chain/exchange.ts";
import { fetchEvents } from "../../../src/chain/logs.ts";
import { readProposal } from "../../../src/chain/proposals.ts";
import { CREDIT_ABI } from "../../../src/chain/tokenAbi.ts";
import { decodeFill } from "../../../src/market/packed.ts";
import { decodeState } from "../../../src/training/federated/decodeState.ts";
import { decodeJobSpec } from "../../../src/training/jobs/jobSpec.ts";
import { readReceipt } from "../../../src/training/jobs/receipt.ts";
import { openTrainer } from "../../../src/training/openTrainer.ts";
import { openUpdateStore } from "../../../src/training/store/index.ts";
import { connectJobs } from "../../../src/training/jobs/jobsLink.ts";
import { HOSTILE_DESCRIPTION } from "../support/playDay.ts";
import { startExploredDay, type ExploredDay } from "../support/startExploredDay.ts";
import { tamper } from "./tamper.ts";

// Every answer is checked by its schema inside the server as well.
describe("the explorer's answers about a community's day", () => {
  let day: ExploredDay;
  let events: ExchangeEvent[];
  let best: ExchangeEvent<"SlotCleared">["args"];

  before(async () => {
    day = await startExploredDay({ page: false });
    events = await day.exchange.events();
    const cleared = events.filter((event): event is ExchangeEvent<"SlotCleared"> => event.name === "SlotCleared");
    const most = cleared.reduce((a, b) => (b.args.matchedWh > a.args.matchedWh ? b : a));
    best = most.args;
  });
  after(async () => {
    await day.close();
  });

  async function get<Name extends RouteName>(_: Name, path: string): Promise<Answer<Name>> {
    const answer = await fetch(day.url + path);
    expect(answer.status, path).to.equal(200);
    return (await answer.json()) as Answer<Name>;
  }

  it("give the chain's head, supply, trades and the job that waits", async () => {
    const answer = await get("overview", "/api/overview");
    expect(answer.supplyTicks).to.equal(String(day.report.totals.supplyTicks));
    expect(answer.indexedBlock).to.equal(answer.head.number);
    expect(answer.indexing.done).to.equal(true);
    expect(answer.zones.reduce((sum, { meters }) => sum + meters, 0)).to.equal(day.members.length);
    expect(answer.openJobs.map(({ job, state }) => [job, state])).to.deep.equal([[day.job, "waiting"]]);
    const traded = events
      .filter(
        (event): event is ExchangeEvent<"SlotCleared"> => event.name === "SlotCleared" && event.args.matchedWh > 0,
      )
      .reverse();
    expect(answer.trades.map(({ source }) => source.transactionHash)).to.deep.equal(
      traded.slice(0, 10).map(({ transactionHash }) => transactionHash),
    );
    expect(answer.contracts.length).to.equal(Object.keys(day.deployment.contracts).length);
  });

  it("give a zone's prices and energy of each slot, and which part of the export was renewable", async () => {
    const { zones } = await get("overview", "/api/overview");
    const zone = zones.find((one) => one.zone === best.zone);
    const point = zone?.slots.find(({ slot }) => slot === best.slot);
    expect(point).to.deep.include({ clearingPrice: best.clearingPrice, matchedWh: best.matchedWh, closed: true });
    const closed = events.find(
      (event): event is ExchangeEvent<"SlotClosed"> =>
        event.name === "SlotClosed" && event.args.zone === best.zone && event.args.slot === best.slot,
    );
    expect(point).to.deep.include({ importWh: closed?.args.importWh, exportWh: closed?.args.exportWh });
    // The meters' own readings, by what they were registered as.
    const { readings } = await get("slot", `/api/zones/${String(best.zone)}/slots/${String(best.slot)}`);
    const renewable = new Set(
      day.members.filter(({ source }) => !["none", "storage"].includes(source)).map(({ key }) => key.address),
    );
    const given = readings.filter(({ meter }) => renewable.has(meter)).reduce((sum, { exportWh }) => sum + exportWh, 0);
    expect(given).to.be.greaterThan(0);
    expect(point?.renewablePpm).to.equal(Math.floor((given * 1_000_000) / (closed?.args.exportWh ?? 1)));
  });

  it("clear the slot with most trade again and agree with the chain", async () => {
    const answer = await get("slot", `/api/zones/${String(best.zone)}/slots/${String(best.slot)}`);
    const { clearingPrice, matchedWh } = best;
    expect(answer.recomputed).to.deep.include({ equal: true, differences: [], computed: { clearingPrice, matchedWh } });
    expect(answer.recomputed?.bookHash).to.equal(answer.book?.bookHash);
    const fills = events.flatMap((event) => {
      if (event.name !== "OrderCleared") return [];
      const fill = decodeFill(event.args.fill);
      return fill.zone === best.zone && fill.slot === best.slot ? [[event.args.meter, fill.filledWh] as const] : [];
    });
    expect(new Map(answer.orders.map(({ meter, filledWh }) => [meter, filledWh]))).to.deep.equal(new Map(fills));
    const limits = (side: string) => answer.orders.filter((one) => one.side === side).map((one) => one.limitPrice);
    expect(limits("bid")).to.deep.equal([...limits("bid")].sort((a, b) => b - a));
    expect(limits("offer")).to.deep.equal([...limits("offer")].sort((a, b) => a - b));
  });

  it("give every meter's registers as the chain holds them, and the money of each slot as its bill has it", async () => {
    for (const { key, kind } of day.members) {
      const meter = await get("meter", `/api/meters/${key.address}`);
      const { word } = await day.exchange.meter(key.address);
      expect(meter.importRegisterWh).to.equal(word.importWh);
      expect(meter.balanceTicks).to.equal(String(word.balanceTicks));
      expect(meter.slots.reduce((sum, { importWh }) => sum + importWh, 0)).to.equal(word.importWh);
      if (kind === "feeder") continue;
      for (const { slot, moneyTicks } of meter.slots) {
        const bill = computeBill({ events, site: meter.site, fromSlot: slot, toSlot: slot });
        const line = bill.lines.find((one) => one.meter === key.address);
        expect(moneyTicks, `${key.address} in ${String(slot)}`).to.equal(String(line?.totalTicks));
      }
    }
  });

  it("give a job's pay, fees, escrow and energy as its receipt has them", async () => {
    const link = connectJobs(day.exchange);
    const [answer, receipt, view] = await Promise.all([
      get("job", `/api/jobs/${String(day.job)}`),
      readReceipt({ link, job: day.job }),
      link.contract.read("jobInfo", [day.job]),
    ]);
    expect(answer.state).to.equal(receipt.state);
    expect(answer.rounds.map(({ outcome }) => outcome)).to.deep.equal(receipt.rounds.map(({ outcome }) => outcome));
    expect(answer.rounds.length).to.be.greaterThan(0);
    expect(answer.escrow.paidOutTicks).to.equal(String(receipt.totals.paidTicks + receipt.totals.feeTicks));
    expect(answer.escrow.refundedTicks).to.equal(String(receipt.totals.refundedTicks));
    expect(answer.escrow.heldTicks).to.equal(String(view.heldTicks));
    expect(answer.receipt.energyWh).to.equal(receipt.totals.provedWh);
    expect(answer.receipt.co2Mg).to.equal(String(receipt.totals.co2Mg));
    const [round, expected] = [answer.rounds[0], receipt.rounds[0]];
    expect(round?.workers.map(({ provider, status, paidTicks }) => [provider, status, paidTicks])).to.deep.equal(
      expected?.seats.map(({ worker, status, paidTicks }) => [worker, status, String(paidTicks)]),
    );
  });

  it("measure a job's losses anew: of each round's model on the round's slice, as the trainer does", async () => {
    const store = openUpdateStore(day.models);
    const { rounds, specHash } = await readReceipt({ link: connectJobs(day.exchange), job: day.job });
    const { model } = decodeJobSpec(await store.get(specHash));
    const trainer = await openTrainer(model);
    const expected: [number, string][] = [];
    try {
      for (const { round, validation, modelRoot, nextModelRoot } of rounds) {
        if (nextModelRoot === undefined) continue;
        const slice = await store.get(validation);
        const lossOf = async (root: string): Promise<string> => {
          const { weights } = decodeState(model, trainer.parameters, await store.get(root));
          return String((await trainer.evaluate(weights, slice)) / BigInt(slice.length - 1));
        };
        if (expected.length === 0) expected.push([round - 1, await lossOf(modelRoot)]);
        expected.push([round, await lossOf(nextModelRoot)]);
      }
    } finally {
      await trainer.close();
    }
    expect(expected.length).to.be.greaterThan(1);
    // The first answer may come before the measurement.
    let losses: Answer<"job">["losses"] = [];
    while (losses.length === 0) {
      const answer = await get("job", `/api/jobs/${String(day.job)}`);
      ({ losses } = answer);
      expect(answer.lossesPending).to.equal(losses.length === 0);
    }
    expect(losses.map(({ round, lossMicroNats }) => [round, lossMicroNats])).to.deep.equal(expected);
  });

  it("follow certificates from their readings through every hand to their use, as the chain holds them", async () => {
    const link = connectCertificates(day.exchange);
    const { address } = link.contract;
    const range = { rpc: day.exchange.rpc, fromBlock: 0, toBlock: day.report.totals.toBlock };
    const told = await fetchEvents({ ...range, abi: CERTIFICATES_ABI, address, names: ["CertificatesIssued"] });
    expect(told.length).to.be.greaterThan(0);
    expect(told.reduce((sum, { args }) => sum + args.amountWh, 0)).to.equal(day.certificates.issuedWh);
    let cancelledWh = 0;
    for (const id of new Set(told.map(({ args }) => args.id))) {
      const answer = await get("certificate", `/api/certificates/${String(id)}`);
      const own = told.filter(({ args }) => args.id === id);
      const { zone, slot, source } = decodeCertificateId(id);
      expect([answer.zone, answer.slot, answer.energySource]).to.deep.equal([zone, slot, source]);
      expect(answer.issues.map(({ meter, amountWh }) => [meter, amountWh])).to.deep.equal(
        own.map(({ args }) => [args.meter, args.amountWh]),
      );
      for (const { meter, reading } of answer.issues) {
        const settled = events.find(
          ({ name, args, transactionHash, logIndex }) =>
            name === "ReadingSettled" &&
            args.meter === meter &&
            transactionHash === reading?.transactionHash &&
            logIndex === reading.logIndex,
        );
        expect(settled, `${meter} in ${String(slot)}`).to.not.equal(undefined);
      }
      for (const { account, amountWh } of answer.holders) {
        expect(amountWh).to.equal(Number(await link.contract.read("balanceOf", [account, id])));
      }
      const held = answer.holders.reduce((sum, { amountWh }) => sum + amountWh, 0);
      expect(held).to.equal(answer.issuedWh - answer.cancelledWh);
      expect(answer.cancellations.reduce((sum, { amountWh }) => sum + amountWh, 0)).to.equal(answer.cancelledWh);
      cancelledWh += answer.cancelledWh;
    }
    expect(cancelledWh).to.equal(day.certificates.cancelledWh);

    const first = told[0]?.args ?? raise("nothing was issued");
    const { zone, slot } = decodeCertificateId(first.id);
    const page = await get("slot", `/api/zones/${String(zone)}/slots/${String(slot)}`);
    const ofSlot = told.filter(({ args }) => args.id >> 8n === first.id >> 8n);
    expect(page.certificates.reduce((sum, { issuedWh }) => sum + issuedWh, 0)).to.equal(
      ofSlot.reduce((sum, { args }) => sum + args.amountWh, 0),
    );
    const account = await get("account", `/api/accounts/${first.to}`);
    const kept = account.certificates.find(({ tokenId }) => tokenId === String(first.id));
    expect(kept?.amountWh ?? "0").to.equal(String(await link.contract.read("balanceOf", [first.to, first.id])));
    const unknown = await fetch(`${day.url}/api/certificates/${String(first.id + (1n << 40n))}`);
    expect(unknown.status).to.equal(404);
    expect((await fetch(`${day.url}/api/certificates/255`)).status).to.equal(400);
  });

  it("give a proposal with its votes as the governor counts them, and its text letter by letter", async () => {
    const { proposals } = await get("governance", "/api/governance");
    const { rpc, deployment } = day.exchange;
    const expected = await readProposal({ rpc, deployment, id: day.proposal });
    expect(proposals).to.have.length(1);
    expect(proposals[0]).to.deep.include({
      id: String(day.proposal),
      state: expected.state,
      description: HOSTILE_DESCRIPTION,
      votes: { for: String(expected.forVotes), against: "0", abstain: "0" },
    });
    expect(proposals[0]?.calls[0]).to.deep.include({
      contract: "CreditDesk",
      text: "CreditDesk.setPrices(320000, 310000)",
    });
    expect(expected.forVotes > 0n).to.equal(true);
  });

  it("give every move of the day's dispute with its gas, as its receipts have them", async () => {
    const { jobs } = await get("reproducibleJobs", "/api/reproducible");
    expect(jobs.map(({ job, state, disputes }) => [job, state, disputes])).to.deep.equal([[1, "refuted", 1]]);
    const { rounds, disputes } = await get("reproducibleJob", "/api/reproducible/1");
    expect(rounds.length).to.equal(day.reproducible.rounds);
    const [challenged, ...moves] = disputes[0]?.moves ?? [];
    expect([challenged?.verb, disputes[0]?.state]).to.deep.equal(["challenge", "challenger won"]);
    expect(moves.length).to.equal(day.reproducible.disputeMoves);
    expect(moves.reduce((sum, { gasUsed }) => sum + gasUsed, 0)).to.equal(day.reproducible.disputeGas);
  });

  it("say in words why a transaction was refused, and which calls it made", async () => {
    const answer = await get("transaction", `/api/transactions/${day.refused}`);
    expect(answer.succeeded).to.equal(false);
    expect(answer.call?.signature).to.equal("clear(uint16,uint32,bytes,bytes)");
    // A thousand slots ahead nothing can be cleared.
    expect(answer.revert?.name).to.equal("SlotOutOfRange");
    expect(answer.revert?.words).not.to.equal("SlotOutOfRange");
    expect(answer.trace).to.deep.include({ contract: "EnergyExchange", method: "clear" });
  });

  it("give an account's credits and sites as the chain holds them", async () => {
    const site = [...day.sites.values()][0] ?? 0;
    const { owner } = await day.exchange.site(site);
    const answer = await get("account", `/api/accounts/${owner}`);
    const { rpc, deployment } = day.exchange;
    const credit = connectContract({ rpc, abi: CREDIT_ABI, address: contractAddress(deployment, "EnergyCredit") });
    expect(answer.creditBaseUnits).to.equal(String(await credit.read("balanceOf", [owner])));
    expect(answer.sites.map((one) => one.site)).to.deep.equal([...day.sites.values()].sort((a, b) => a - b));
  });

  it("show a contract's own source, compared with the code on chain, and answer its read functions", async () => {
    const address = day.exchange.address;
    const answer = await get("contract", `/api/contracts/${address}`);
    expect(answer.verified).to.equal("exact");
    expect(answer.sources[0]?.text).to.match(/contract EnergyExchange is/);
    const read = answer.reads.find(({ signature }) => signature === "credit()");
    expect(read?.answer).to.equal(contractAddress(day.deployment, "EnergyCredit"));
    const meter = day.members[0]?.key.address ?? "";
    const query = (signature: string, args: unknown): string =>
      `/api/contracts/${address}/call?${String(new URLSearchParams({ signature, args: JSON.stringify(args) }))}`;
    const { outputs } = await get("call", query("meterWord(address)", [meter]));
    expect(outputs[0]?.value).to.equal(String((await day.exchange.meter(meter)).packedWord));
    for (const [signature, args, status] of [
      ["pause()", [], 400],
      ["meterWord(address)", ["0x12"], 400],
      ["slotRecord(uint16,uint32)", [1, 5], 400],
      ["nothing()", [], 404],
    ] as const) {
      expect((await fetch(day.url + query(signature, args))).status, signature).to.equal(status);
    }
  });

  it("find what a text means", async () => {
    const meter = day.members[0]?.key.address ?? "";
    const hits = async (q: string): Promise<string[]> =>
      (await get("search", `/api/search?${String(new URLSearchParams({ q }))}`)).hits.map(({ page }) => page);
    expect(await hits(meter.toLowerCase())).to.include(`/meter/${meter}`);
    expect(await hits(String(best.slot))).to.include(`/slot/${String(best.zone)}/${String(best.slot)}`);
    expect(await hits(`${String(best.zone)}/${String(best.slot)}`)).to.deep.equal([
      `/slot/${String(best.zone)}/${String(best.slot)}`,
    ]);
    expect(await hits(day.refused)).to.deep.equal([`/tx/${day.refused}`]);
    expect(await hits("energyexchange")).to.deep.equal([`/contract/${day.exchange.address}`]);
    expect(await hits(String(day.proposal))).to.deep.equal(["/governance"]);
    expect(await hits("<script>")).to.deep.equal([]);
  });

  it("page through events and through a block's transactions without a gap or a repetition", async () => {
    const seen: string[] = [];
    let next: string | undefined = "";
    while (next !== undefined) {
      const page: Answer<"events"> = await get(
        "events",
        `/api/events?contract=EnergyExchange&limit=200${next === "" ? "" : `&cursor=${next}`}`,
      );
      seen.push(...page.events.map(({ source }) => `${String(source.blockNumber)}/${String(source.logIndex)}`));
      next = page.next;
    }
    const expected = events.map(({ blockNumber, logIndex }) => `${String(blockNumber)}/${String(logIndex)}`).reverse();
    expect(seen).to.deep.equal(expected);
    const { transactions } = await get("block", "/api/blocks/100");
    const filter: EventFilter = { fromBlock: 100, toBlock: 100 };
    const [event] = await day.explorer.context.store.events(filter, { limit: 1 });
    if (event !== undefined) expect(transactions.map(({ hash }) => hash)).to.include(event.transactionHash);
  });

  it("find the events that are about a meter and a slot at once", async () => {
    const { events: inSlot }: Answer<"events"> = await get(
      "events",
      `/api/events?zone=${String(best.zone)}&slot=${String(best.slot)}&limit=500`,
    );
    const settled = inSlot.find(({ name }) => name === "ReadingSettled");
    const meter = (settled?.args as { readonly meter?: string } | undefined)?.meter;
    const { events: found }: Answer<"events"> = await get(
      "events",
      `/api/events?party=${String(meter)}&zone=${String(best.zone)}&slot=${String(best.slot)}&limit=500`,
    );
    const about = inSlot.filter((event) => JSON.stringify(event.args).includes(String(meter)));
    expect(found).to.deep.equal(about);
    expect(found.length).to.be.within(1, inSlot.length - 1);
  });

  it("are linked to from commands on the same chain, and from no other", async () => {
    expect(await explorerLink("/job/1", day.exchange.rpc)).to.equal(`${day.url}/job/1`);
    const elsewhere = { ...day.exchange.rpc, call: () => Promise.resolve(undefined as never) };
    expect(await explorerLink("/job/1", elsewhere)).to.equal(undefined);
  });

  it("come from a process of its own too, which ends when it is told to", async () => {
    const folder = await mkdtemp(join(tmpdir(), "joulework-process-"));
    const child = explorerProcess({ rpcUrl: day.rpcUrl, deployment: day.deployment.network, folder });
    try {
      const url = await child.url;
      expect((await fetch(`${url}/api/overview`)).status).to.equal(200);
      const page = await fetch(url);
      expect(page.headers.get("content-type")).to.match(/^text\/html/);
      await child.stop();
      expect(await fetch(url).catch(() => "gone")).to.equal("gone");
    } finally {
      await child.stop();
      await rm(folder, { recursive: true, force: true });
    }
  });

  it("audit chain and index while the server goes on answering, one audit at a time", async () => {
    const start = async (): Promise<Answer<"startAudit">> =>
      (await (await fetch(`${day.url}/api/audit`, { method: "POST" })).json()) as Answer<"startAudit">;
    const [first, second] = await Promise.all([start(), start()]);
    expect(second.id).to.equal(first.id);
    expect((await fetch(`${day.url}/api/jobs`)).status).to.equal(200);
    const run = await finished(first.id);
    expect(run).to.deep.include({ state: "passed", problem: null, done: run.total });
    expect(run.checks.map(({ name }) => name)).to.deep.equal([...day.report.checks.map(({ name }) => name), "index"]);
    for (const { name, items } of day.report.checks) {
      expect(run.checks.find((check) => check.name === name)?.figures.compared, name).to.equal(items);
    }
  });

  it("find and name what was changed in the index behind the server's back", async () => {
    const changes = tamper(day.folder);
    const { id } = (await (await fetch(`${day.url}/api/audit`, { method: "POST" })).json()) as Answer<"startAudit">;
    const run = await finished(id);
    expect(run.state).to.equal("failed");
    const failed = run.checks.filter(({ passed }) => !passed);
    expect(failed.map(({ name }) => name)).to.deep.equal(["index"]);
    const texts = (failed[0]?.failures ?? []).map(({ text, found }) => `${text}: ${String(found)}`);
    for (const change of changes)
      expect(
        texts.some((text) => text.startsWith(change)),
        change,
      ).to.equal(true);
    expect(failed[0]?.failures.every(({ page }) => page === null || page.startsWith("/"))).to.equal(true);
  });

  async function finished(id: string): Promise<Answer<"audit">> {
    for (;;) {
      const run = await get("audit", `/api/audit/${id}`);
      if (run.state !== "running") return run;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
});

function raise(problem: string): never {
  throw new Error(problem);
}
