import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { keccak256, toUtf8Bytes } from "ethers";
import { connectContract } from "../../chain/contract.ts";
import { contractAddress } from "../../chain/deployment.ts";
import type { ConnectedExchange } from "../../chain/exchange.ts";
import { createSender, type Sender } from "../../chain/sender.ts";
import { CREDIT_ABI } from "../../chain/tokenAbi.ts";
import { singleSender } from "../../market/service/exchangeLink.ts";
import type { Role } from "../../training/jobs/role.ts";
import { loadKernels } from "../../training/kernelModule.ts";
import { openTrainer } from "../../training/openTrainer.ts";
import { composeJob } from "../../training/reproducible/jobs/composeJob.ts";
import { readDisputeReport } from "../../training/reproducible/jobs/disputeReport.ts";
import { openProvider } from "../../training/reproducible/jobs/openProvider.ts";
import { openVerifier } from "../../training/reproducible/jobs/openVerifier.ts";
import { postReproducible, type ReproducibleOffer } from "../../training/reproducible/jobs/postReproducible.ts";
import { corruptingProvider } from "../../training/reproducible/jobs/providerBehaviour.ts";
import { connectReproducible, createReproducibleChain } from "../../training/reproducible/jobs/reproducibleLink.ts";
import type { ReproducibleSpec } from "../../training/reproducible/jobs/reproducibleSpec.ts";
import { contentAddress } from "../../training/store/contentAddress.ts";
import { directoryStore } from "../../training/store/directoryStore.ts";
import { ticksToBaseUnits } from "../../units.ts";
import { clockedSender, type LocalClock } from "../localClock.ts";
import type { LocalSenders } from "../localSenders.ts";

export interface PlayReproducibleInput {
  readonly exchange: ConnectedExchange;
  readonly senders: LocalSenders;
  readonly clock: LocalClock;
  /** The text that is trained on, public. */
  readonly corpus: Uint8Array;
  readonly seed: number;
  /** Where journals and states go. */
  readonly folder: string;
}

/** What became of the run's reproducible job: a part of the report. */
export interface ReproducibleFigures {
  /** Its number. */
  readonly job: number;
  /** That were claimed. */
  readonly rounds: number;
  readonly disputes: number;
  readonly disputeWinner: string | null;
  /** The operation of whose output the referee computed an element. */
  readonly refereeOperation: string | null;
  /** Of both parties of the dispute. */
  readonly disputeMoves: number;
  readonly disputeGas: number;
}

const CREDIT = 1_000_000_000n;
const WEI_OF_A_PARTY = 10n ** 18n;
/** What each party starts with: more than any of them puts up. */
const PARTY_TICKS = 100n * CREDIT;
const CORPUS_BYTES = 4_096;
const OFFER: ReproducibleOffer = {
  stride: 4,
  checkpoints: 4,
  rounds: 3,
  payTicks: 10n * CREDIT,
  bondTicks: 50n * CREDIT,
  challengeBondTicks: 5n * CREDIT,
  roundSeconds: 3_600,
  windowSeconds: 600,
  clockSeconds: 600,
  extensionSeconds: 60,
};
/** One bit of one weight, at one checkpoint of the second round. */
const LIE = { round: 1, checkpoint: 2, fromLast: 0, element: 77 };
/** Longer than nobody has anything to do at one time. */
const PAUSE_SECONDS = 300;
const MOST_TURNS = 400;

/**
 * A reproducible job at the end of a community's day: its provider trains honestly for a round, then changes one bit of one weight,
 * and somebody who repeats the work catches it before the chain.
 */
export async function playReproducible(input: PlayReproducibleInput): Promise<ReproducibleFigures> {
  const { exchange, clock, seed, folder } = input;
  const corpus = input.corpus.slice(0, CORPUS_BYTES);
  const { hash } = await loadKernels();
  const spec: ReproducibleSpec = {
    format: "joulework-reproducible-1",
    kernels: hash,
    corpus: contentAddress(corpus),
    model: { layers: 1, width: 16, heads: 2, context: 16 },
    seed,
    batch: 2,
    optimizer: { kind: "adam", learningRate: 0.003 },
  };
  const [requester, provider, challenger] = (await fundParties(input)).map((sender) =>
    createReproducibleChain(exchange, singleSender(clockedSender(exchange.rpc, sender, clock))),
  );
  if (requester === undefined || provider === undefined || challenger === undefined) throw new RangeError("a party");
  mkdirSync(folder, { recursive: true });
  const store = directoryStore({ directory: join(folder, "store") });
  const { job } = await postReproducible({ chain: requester, store, spec, corpus, kernelsHash: hash, offer: OFFER });
  const shared = { job, store, openTrainer: (model: ReproducibleSpec["model"]) => openTrainer(model) };
  const roles: Role[] = [
    openProvider({
      ...{ ...shared, chain: provider, mostBondTicks: OFFER.bondTicks, behaviour: corruptingProvider(LIE) },
      journalPath: join(folder, "provider.sqlite"),
    }),
    openVerifier({
      ...{ ...shared, chain: challenger, mostBondTicks: OFFER.challengeBondTicks },
      journalPath: join(folder, "verifier.sqlite"),
    }),
  ];
  try {
    await playRoles(roles, clock);
  } finally {
    for (const role of roles) role.close();
  }
  if ((await requester.heldFor(requester.account)) > 0n) {
    await requester.send({ verb: "collect", args: [requester.account] });
  }
  const { claimedRounds } = await requester.job(job);
  const disputes = await requester.challenges(job);
  const [first] = disputes;
  const { tape } = composeJob(spec, corpus);
  const told =
    first === undefined
      ? undefined
      : await readDisputeReport(connectReproducible(exchange), exchange.rpc, tape, first.dispute);
  return {
    job,
    rounds: claimedRounds,
    disputes: disputes.length,
    disputeWinner: told?.winner ?? null,
    refereeOperation: told?.operation ?? null,
    disputeMoves: told?.moves ?? 0,
    disputeGas: Number(told?.gasUsed ?? 0n),
  };
}

/** Every party does what is due; where nobody has anything to do, time passes, until that changes nothing either. */
async function playRoles(roles: readonly Role[], clock: LocalClock): Promise<void> {
  let idle = 0;
  const mostIdle = Math.ceil((OFFER.windowSeconds + OFFER.clockSeconds) / PAUSE_SECONDS) + 1;
  for (let turn = 0; turn < MOST_TURNS && idle < mostIdle; ++turn) {
    let moved = 0;
    for (const role of roles) moved += (await role.step(clock.now())).length;
    idle = moved > 0 ? 0 : idle + 1;
    if (moved === 0) clock.set(clock.now() + PAUSE_SECONDS);
  }
}

/** Requester, provider and challenger with accounts of their own. */
async function fundParties({ exchange, senders, clock, seed }: PlayReproducibleInput): Promise<Sender[]> {
  const { rpc, deployment } = exchange;
  const { chainId } = deployment;
  const parties = ["requester", "provider", "challenger"].map((name) => {
    // Keys follow from the seed: fine for a simulation and for nothing else.
    const privateKey = keccak256(toUtf8Bytes(`joulework simulated reproducible ${name} ${String(seed)}`));
    return createSender({ rpc, privateKey, chainId });
  });
  const credit = connectContract({ rpc, abi: CREDIT_ABI, address: contractAddress(deployment, "EnergyCredit") });
  const funded = parties.flatMap(({ address }) => [
    { to: address, valueWei: WEI_OF_A_PARTY },
    { to: credit.address, data: credit.encode("transfer", [address, ticksToBaseUnits(PARTY_TICKS)]) },
  ]);
  await clockedSender(rpc, senders.of("treasury"), clock).send(funded);
  return parties;
}
