export { createCmaEs, type CmaEs, type CmaEsParameters } from "./cmaEs.ts";
export { OBJECTIVES, objectivesOf, type Objectives } from "./objectives.ts";
export { paretoFront } from "./paretoFront.ts";
export { tuningProposal, type ProposalInput, type TuningProposal } from "./proposal.ts";
export { CONSTANTS, readSettings, TUNABLES, withSettings, type Settings, type Tunable } from "./tunables.ts";
export { tune, type Evaluated, type Judged, type TuneInput, type Tuning } from "./tune.ts";
