import type {
  AccountRuntimeValue,
  ContractFuture,
  IgnitionModuleBuilder,
  ModuleParameterRuntimeValue,
} from "@nomicfoundation/ignition-core";
import { ROLES, restrictedFunctions } from "../src/chain/roles.ts";

/** Libraries that the exchange links. */
const LIBRARIES = [
  "Accounts",
  "Closing",
  "ExchangeViews",
  "GateOrders",
  "MatcherDuty",
  "MeterRegistry",
  "OrderBook",
  "Penalties",
  "ReadingEvidence",
  "Settlement",
  "ZoneRegistry",
] as const;

/** Parameters that name the account or contract which holds a role. */
export const HOLDERS = ["governor", "registrar", "grid", "guardian", "inspector"] as const;

export type RoleHolders = Readonly<
  Record<
    (typeof HOLDERS)[number],
    ModuleParameterRuntimeValue<string> | ModuleParameterRuntimeValue<AccountRuntimeValue>
  >
>;

/**
 * Everything but the payment token: access manager, credit token, desk, exchange with its linked libraries, roles.
 *
 * Parameters: `governorDelay`: seconds that whatever governance decides takes at least. `sellPrice` and `redeemPrice`:
 * payment token base units a credit. The deployer keeps no role, so it must not be the governor.
 */
export function deploySystem(
  m: IgnitionModuleBuilder,
  paymentToken: ModuleParameterRuntimeValue<string> | ContractFuture<string>,
  { governor, registrar, grid, guardian, inspector }: RoleHolders,
) {
  const deployer = m.getAccount(0);
  const governorDelay = m.getParameter("governorDelay", 3600);
  const holders = { REGISTRAR: registrar, GRID: grid, GUARDIAN: guardian, INSPECTOR: inspector };

  const accessManager = m.contract("AccessManager", [deployer]);
  const energyCredit = m.contract("EnergyCredit");
  const creditDesk = m.contract("CreditDesk", [
    energyCredit,
    paymentToken,
    accessManager,
    m.getParameter("sellPrice", 300_000n),
    m.getParameter("redeemPrice", 300_000n),
  ]);
  const libraries = Object.fromEntries(LIBRARIES.map((name) => [name, m.library(name)]));
  const energyExchange = m.contract("EnergyExchange", [energyCredit, creditDesk, accessManager], { libraries });
  const fixed = m.call(energyCredit, "fixIssuers", [energyExchange, creditDesk]);

  const targets = { EnergyExchange: energyExchange, CreditDesk: creditDesk };
  const wired = (["EnergyExchange", "CreditDesk"] as const).flatMap((name) =>
    restrictedFunctions(name).map(({ role, selectors }) =>
      m.call(accessManager, "setTargetFunctionRole", [targets[name], selectors, ROLES[role]], {
        id: `Restrict_${name}_${role}`,
      }),
    ),
  );
  const granted = Object.entries(holders).map(([role, holder]) =>
    m.call(accessManager, "grantRole", [ROLES[role as keyof typeof holders], holder, 0], { id: `Grant_${role}` }),
  );
  const governing = (["GOVERNOR", "ADMIN"] as const).map((role) =>
    m.call(accessManager, "grantRole", [ROLES[role], governor, governorDelay], { id: `Grant_${role}` }),
  );
  m.call(accessManager, "renounceRole", [ROLES.ADMIN, deployer], {
    id: "Renounce_ADMIN",
    after: [fixed, ...wired, ...granted, ...governing],
  });
  return { accessManager, energyCredit, creditDesk, energyExchange };
}
