import type {
  AccountRuntimeValue,
  ContractFuture,
  IgnitionModuleBuilder,
  ModuleParameterRuntimeValue,
} from "@nomicfoundation/ignition-core";
import { id } from "ethers";
import { ROLES, restrictedFunctions } from "../src/chain/roles.ts";
import { deployCertificates } from "./certificates.ts";
import { deployReproducibleJobs } from "./reproducibleJobs.ts";
import { deployTrainingJobs } from "./trainingJobs.ts";
import { packRebatePrices } from "../src/game/seasonRewards.ts";

/** Libraries that the exchange links. */
const LIBRARIES = [
  "Accounts",
  "ExchangeViews",
  "MatcherDuty",
  "MeterRegistry",
  "Penalties",
  "ReadingEvidence",
] as const;
/** Those that link the tariff themselves: whatever touches a slot fixes its prices. */
const LIBRARIES_OF_TARIFF = ["Closing", "GateOrders", "OrderBook", "Settlement", "ZoneRegistry"] as const;

/** Parameters that name the account or contract which holds a role. */
export const HOLDERS = ["governor", "registrar", "grid", "guardian", "inspector"] as const;

export type RoleHolders = Readonly<
  Record<
    (typeof HOLDERS)[number],
    ModuleParameterRuntimeValue<string> | ModuleParameterRuntimeValue<AccountRuntimeValue>
  >
>;

/** Season 1 of a deployment that names no other: Monday, 6 January 2025, 00:00 UTC. Weeks are counted from there. */
const FIRST_SEASON_SLOT = 1_929_024;
/** Rebates of tiers 0 to 7, ticks per imported Wh that was proved in a season. */
const REBATE_PRICES = [0, 500, 1_000, 2_000, 4_000, 4_000, 4_000, 4_000];

const NOBODY = "0x0000000000000000000000000000000000000000";
/** The timelock's own administrator role; the timelock alone keeps it. */
const TIMELOCK_ADMIN = `0x${"0".repeat(64)}`;

/**
 * Everything but the payment token: access manager, credit token, desk, exchange with its linked libraries, reputation,
 * governance, seasons, inspections, compute, jobs of both kinds, certificates, roles.
 *
 * Parameters: `governorDelay`: seconds that whatever the council decides takes at least; `timelockDelay`: the same for what
 * is decided by votes. `sellPrice` and `redeemPrice`: payment token base units a credit. `votingDelay` and `votingPeriod`:
 * seconds; `proposalThreshold`: votes that a proposer needs, ppm of score; `quorumPercent`: of all votes; `handOverSites`:
 * sites with votes that end the rule of the governor named here, the founding council. The deployer keeps no role, so it
 * must not be the governor. `seasonStart`: first slot of season 1; `seasonSlots` and `claimSlots`: how long a season and its
 * claim window are; `rebatePrices`: `packRebatePrices` of the tiers'.
 */
export function deploySystem(
  m: IgnitionModuleBuilder,
  paymentToken: ModuleParameterRuntimeValue<string> | ContractFuture<string>,
  { governor, registrar, grid, guardian, inspector }: RoleHolders,
) {
  const deployer = m.getAccount(0);
  const governorDelay = m.getParameter("governorDelay", 3600);
  // The registrar may suspend a meter, and so may an upheld finding.
  const holders = { REGISTRAR: registrar, SUSPENDER: registrar, GRID: grid, GUARDIAN: guardian, INSPECTOR: inspector };

  const accessManager = m.contract("AccessManager", [deployer]);
  const energyCredit = m.contract("EnergyCredit");
  const creditDesk = m.contract("CreditDesk", [
    energyCredit,
    paymentToken,
    accessManager,
    m.getParameter("sellPrice", 300_000n),
    m.getParameter("redeemPrice", 300_000n),
  ]);
  const tariff = m.library("Tariff");
  const libraries = {
    Tariff: tariff,
    ...Object.fromEntries(LIBRARIES.map((name) => [name, m.library(name)])),
    ...Object.fromEntries(
      LIBRARIES_OF_TARIFF.map((name) => [name, m.library(name, { libraries: { Tariff: tariff } })]),
    ),
  };
  const energyExchange = m.contract("EnergyExchange", [energyCredit, creditDesk, accessManager], { libraries });
  const fixed = m.call(energyCredit, "fixIssuers", [energyExchange, creditDesk]);

  const reputation = m.contract("Reputation", [energyExchange, accessManager]);
  // Proposals come from the governor alone, and anybody executes what is due.
  const timelockController = m.contract("TimelockController", [
    m.getParameter("timelockDelay", 3600),
    [],
    [NOBODY],
    deployer,
  ]);
  const gridGovernor = m.contract("GridGovernor", [
    reputation,
    timelockController,
    m.getParameter("votingDelay", 3600),
    m.getParameter("votingPeriod", 86_400),
    m.getParameter("proposalThreshold", 400_000n),
    m.getParameter("quorumPercent", 20),
  ]);
  const proposing = ["PROPOSER_ROLE", "CANCELLER_ROLE"].map((role) =>
    m.call(timelockController, "grantRole", [id(role), gridGovernor], { id: `Grant_${role}` }),
  );
  m.call(timelockController, "renounceRole", [TIMELOCK_ADMIN, deployer], {
    id: "Renounce_TIMELOCK_ADMIN",
    after: proposing,
  });
  const handOver = m.contract("HandOver", [
    accessManager,
    reputation,
    governor,
    timelockController,
    m.getParameter("handOverSites", 10),
  ]);

  const seasons = m.contract("Seasons", [
    energyExchange,
    energyCredit,
    reputation,
    accessManager,
    m.getParameter("seasonStart", FIRST_SEASON_SLOT),
    m.getParameter("seasonSlots", 672),
    m.getParameter("claimSlots", 192),
    m.getParameter("rebatePrices", packRebatePrices(REBATE_PRICES)),
  ]);
  const badges = m.contract("Badges", [seasons, accessManager]);
  const inspections = m.contract("Inspections", [energyExchange, accessManager]);

  const energyQueue = m.contract("EnergyQueue", [energyExchange, accessManager]);
  const providers = m.contract("Providers", [energyExchange, energyCredit, seasons, accessManager]);
  const computeMarket = m.contract("ComputeMarket", [
    energyExchange,
    energyCredit,
    providers,
    reputation,
    energyQueue,
    seasons,
  ]);
  const reproducibleJobs = deployReproducibleJobs(m, { credit: energyCredit, seasonPool: seasons });
  const trainingJobs = deployTrainingJobs(m, {
    credit: energyCredit,
    exchange: energyExchange,
    providers,
    queue: energyQueue,
    reputation,
    reproducible: reproducibleJobs,
    accessManager,
  });
  const { energyCertificates, certificateMarket } = deployCertificates(m, {
    credit: energyCredit,
    exchange: energyExchange,
    inspections,
    jobs: trainingJobs,
    accessManager,
  });
  // As long as no role is named for it, the call is the administrator's: the deployer's, who gives that up below.
  const queued = m.call(energyExchange, "setEnergyQueue", [energyQueue]);

  const targets = {
    EnergyExchange: energyExchange,
    CreditDesk: creditDesk,
    Reputation: reputation,
    HandOver: handOver,
    Seasons: seasons,
    Badges: badges,
    Inspections: inspections,
    Providers: providers,
    EnergyQueue: energyQueue,
    TrainingJobs: trainingJobs,
    EnergyCertificates: energyCertificates,
  };
  const wired = (Object.keys(targets) as (keyof typeof targets)[]).flatMap((name) =>
    restrictedFunctions(name).map(({ role, selectors }) =>
      m.call(accessManager, "setTargetFunctionRole", [targets[name], selectors, ROLES[role]], {
        id: `Restrict_${name}_${role}`,
        after: [queued],
      }),
    ),
  );
  const granted = Object.entries(holders).map(([role, holder]) =>
    m.call(accessManager, "grantRole", [ROLES[role as keyof typeof holders], holder, 0], { id: `Grant_${role}` }),
  );
  const governing = [
    m.call(accessManager, "grantRole", [ROLES.GOVERNOR, governor, governorDelay], { id: "Grant_GOVERNOR" }),
    m.call(accessManager, "grantRole", [ROLES.REPUTATION, reputation, 0], { id: "Grant_REPUTATION" }),
    m.call(accessManager, "grantRole", [ROLES.SEASONS, seasons, 0], { id: "Grant_SEASONS" }),
    m.call(accessManager, "grantRole", [ROLES.SUSPENDER, inspections, 0], { id: "Grant_SUSPENDER_Inspections" }),
    m.call(accessManager, "grantRole", [ROLES.EVIDENCE, computeMarket, 0], { id: "Grant_EVIDENCE_ComputeMarket" }),
    m.call(accessManager, "grantRole", [ROLES.COMPUTE, computeMarket, 0], { id: "Grant_COMPUTE_ComputeMarket" }),
    m.call(accessManager, "grantRole", [ROLES.EVIDENCE, trainingJobs, 0], { id: "Grant_EVIDENCE_TrainingJobs" }),
    m.call(accessManager, "grantRole", [ROLES.COMPUTE, trainingJobs, 0], { id: "Grant_COMPUTE_TrainingJobs" }),
    m.call(accessManager, "grantRole", [ROLES.EVIDENCE, energyCertificates, 0], {
      id: "Grant_EVIDENCE_EnergyCertificates",
    }),
    m.call(accessManager, "grantRole", [ROLES.ADMIN, handOver, 0], { id: "Grant_ADMIN" }),
  ];
  m.call(accessManager, "renounceRole", [ROLES.ADMIN, deployer], {
    id: "Renounce_ADMIN",
    after: [fixed, ...wired, ...granted, ...governing],
  });
  return {
    accessManager,
    energyCredit,
    creditDesk,
    energyExchange,
    reputation,
    timelockController,
    gridGovernor,
    handOver,
    seasons,
    badges,
    inspections,
    energyQueue,
    providers,
    computeMarket,
    trainingJobs,
    reproducibleJobs,
    energyCertificates,
    certificateMarket,
  };
}
