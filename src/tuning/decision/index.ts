export { carryLocally, type DecisionStep } from "./carryLocally.ts";
export { connectGovernance, firstSeasonAfter, propose, requireProposer, type Governance } from "./governance.ts";
