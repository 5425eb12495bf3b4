export * from "./errors.ts";
export * from "./units.ts";
export * from "./market/index.ts";
export * from "./compute/index.ts";
export * from "./game/index.ts";
export * from "./certificates/index.ts";
export * from "./training/index.ts";
export * from "./training/federated/index.ts";
export * from "./training/store/index.ts";
export * from "./training/jobs/index.ts";
export * from "./training/reproducible/index.ts";

export { connectExchange } from "./chain/exchange.ts";
export type {
  ConnectedExchange,
  ConnectExchangeParameters,
  ExchangeEvent,
  ExchangeEventName,
  MeterState,
  SiteInfo,
  SlotRecord,
  ZoneInfo,
} from "./chain/exchange.ts";
export { contractAddress, parseDeployment, readDeployment, type Deployment } from "./chain/deployment.ts";
export { EXCHANGE_ABI, SYSTEM_ERRORS } from "./chain/exchangeAbi.ts";
export { RESTRICTED, ROLES, type Role } from "./chain/roles.ts";
export { GOVERNOR_ABI, HAND_OVER_ABI, REPUTATION_ABI, TIMELOCK_ABI } from "./chain/governanceAbi.ts";
export {
  describeCalls,
  encodeProposal,
  proposalArguments,
  readProposal,
  type Proposal,
  type ProposedCall,
} from "./chain/proposals.ts";
export { createRpcClient, type RpcClient, type RpcParameters } from "./chain/rpc.ts";
export { RpcError, RpcTransportError } from "./chain/rpcErrors.ts";
export { createSender, TRANSACTION_GAS_CAP, type Sender, type SenderParameters } from "./chain/sender.ts";
export { SendError } from "./chain/senderErrors.ts";

export { audit, auditJson, formatAudit, formatFailure } from "./audit/index.ts";
export type { AuditCheck, AuditFailure, AuditParameters, AuditReport, AuditTotals } from "./audit/index.ts";

export {
  billCsv,
  billJson,
  computeBill,
  formatBill,
  type Bill,
  type BillLine,
  type BillParameters,
} from "./billing/index.ts";

export {
  clearSkyBoundWh,
  formatSuspects,
  rankSuspects,
  readZone,
  type InspectedZone,
  type ReportedMeter,
  type SolarPlace,
  type Suspicion,
} from "./inspection/index.ts";

export {
  energyLedger,
  fetchLedger,
  formatLedger,
  ledgerCsv,
  readPotential,
  type EnergyLedger,
} from "./ledger/index.ts";

export * from "./simulation/index.ts";
export * from "./forecasts/index.ts";
export * from "./placement/index.ts";

export { defaultCommunity } from "./community/defaultCommunity.ts";
export { communityMembers, type Member } from "./community/members.ts";
export { registerCommunity } from "./community/registerCommunity.ts";
export { runReport, type RunReport } from "./community/runReport.ts";
export { runSlots } from "./community/runSlots.ts";
export { summariseRun, type RunSummary } from "./community/summariseRun.ts";
export type { CommunitySpec, MeterSpec, SiteSpec, ZoneSpec } from "./community/types.ts";
export type { EnergyProfile } from "./meters/profiles/energyProfile.ts";
export { readProfiles, type ReadProfilesOptions } from "./meters/profiles/readProfiles.ts";
export { simulateProfiles } from "./meters/profiles/simulateProfiles.ts";

// For programs that use ethers: `EnergyExchange__factory.connect(address, signer)`.
export { CreditDesk__factory } from "../typechain-types/factories/contracts/credit/CreditDesk__factory.ts";
export { EnergyCredit__factory } from "../typechain-types/factories/contracts/credit/EnergyCredit__factory.ts";
export { EnergyExchange__factory } from "../typechain-types/factories/contracts/energy/EnergyExchange__factory.ts";
