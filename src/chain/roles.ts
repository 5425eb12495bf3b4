import { id } from "ethers";

/** Roles of the access manager. ADMIN changes roles themselves; a delay is set where the role is granted. */
export const ROLES = {
  ADMIN: 0n,
  GOVERNOR: 1n,
  REGISTRAR: 2n,
  GRID: 3n,
  GUARDIAN: 4n,
  INSPECTOR: 5n,
  EVIDENCE: 6n,
  REPUTATION: 7n,
  SEASONS: 8n,
  COMPUTE: 9n,
  SUSPENDER: 10n,
} as const;

export type Role = keyof typeof ROLES;

const ZONE_TERMS = "(uint24,uint24,uint24,uint24,uint24,uint24,uint24,uint24,uint8)";
const ZONE_LIMITS = "(uint24,uint24,uint24,uint24,uint24)";
const ZONE_ACCOUNTS = "(address,address,address,address)";
const READING_LEAF = "(address,uint16,uint32,uint64,uint64,uint8)";

/** Every restricted function of the system and the one role that may call it; a test compares this with the ABI. */
export const RESTRICTED: Readonly<
  Record<
    | "EnergyExchange"
    | "CreditDesk"
    | "Reputation"
    | "HandOver"
    | "Seasons"
    | "Badges"
    | "Inspections"
    | "Providers"
    | "EnergyQueue"
    | "TrainingJobs"
    | "EnergyCertificates",
    Readonly<Partial<Record<Role, string[]>>>
  >
> = {
  EnergyExchange: {
    GOVERNOR: [
      `setZoneTerms(uint16,${ZONE_TERMS})`,
      `setZoneAccounts(uint16,${ZONE_ACCOUNTS})`,
      "setTierDiscounts(uint256)",
      "setEnergyQueue(address)",
      "setMatcher(uint16,address,uint32)",
      "unpause()",
    ],
    REGISTRAR: [
      `createZone(uint16,${ZONE_LIMITS},${ZONE_TERMS},${ZONE_ACCOUNTS})`,
      "registerSite(uint16,address,bytes)",
      "registerMeter((uint32,address,uint8,uint8,uint8,uint32,uint24,uint40,uint40),bytes,bytes)",
      "replaceMeter((address,address,uint40,uint40,bool,uint40,uint40),bytes,bytes)",
      "reinstateMeter(address)",
      "retireMeter(address)",
      `correctReading(${READING_LEAF},bytes32,bytes32[],int256,string,bytes)`,
    ],
    GRID: ["writeOff(uint32,uint256)"],
    GUARDIAN: ["pause()"],
    INSPECTOR: ["endInspection(uint16,uint32,string)"],
    SUSPENDER: ["suspendMeter(address)"],
    REPUTATION: ["setTier(uint32,uint8)"],
    EVIDENCE: [
      `drawEvidence(${READING_LEAF},bytes32,bytes32[],uint256)`,
      `certifyExport(${READING_LEAF},bytes32,bytes32[])`,
    ],
  },
  CreditDesk: {
    GOVERNOR: ["setPrices(uint256,uint256)"],
    GRID: ["setCreditLine(uint256)", "withdrawPledge(address,uint256)"],
  },
  Reputation: {
    GOVERNOR: ["setTierRules((uint24,uint24,uint24,uint24,uint24))"],
    SEASONS: ["noteFlexible(uint32,uint256)"],
    COMPUTE: ["noteWork(uint32,uint256,uint256)"],
  },
  Seasons: {
    GRID: ["callEvent(uint16,uint32,uint8,uint24)"],
    GOVERNOR: ["setRebatePrices(uint256)"],
  },
  Badges: {
    GOVERNOR: ["addQuest(uint8,uint96,bytes32)", "endQuest(uint16)"],
  },
  Inspections: {
    INSPECTOR: ["report(uint16,uint32,address,bytes32)", "withdraw(uint256)"],
    GOVERNOR: ["decide(uint256,bool)"],
  },
  Providers: {
    COMPUTE: ["lockStake(address,uint256)"],
  },
  EnergyQueue: {
    COMPUTE: ["setQueued(bytes32,uint16,address,uint256,uint256)"],
  },
  TrainingJobs: {
    GRID: ["setCarbonIntensity(uint16,uint32)"],
  },
  EnergyCertificates: {
    INSPECTOR: ["suspend(uint256)"],
    GOVERNOR: ["setSuspension(uint256,uint32)", "setLifetime(uint32)", "setNeighbour(uint16,uint16,bool)"],
  },
  HandOver: {
    GOVERNOR: ["grantRole(uint64,address,uint32)", "revokeRole(uint64,address)"],
  },
};

/** The restricted functions of a contract by role, as selectors. */
export function restrictedFunctions(
  contract: keyof typeof RESTRICTED,
): { role: Role; signatures: string[]; selectors: string[] }[] {
  return Object.entries(RESTRICTED[contract]).map(([role, signatures]) => ({
    role: role as Role,
    signatures,
    selectors: signatures.map((signature) => id(signature).slice(0, 10)),
  }));
}
