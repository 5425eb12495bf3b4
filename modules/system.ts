import type {
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
  "ReadingEvidence",
  "Settlement",
  "ZoneRegistry",
] as const;

/**
 * Everything but the payment token: access manager, credit token, desk, exchange with its linked libraries, roles.
 *
 * Parameters, each an account: `governor` (default: the second account), `registrar`, `grid`, `guardian`, `inspector`
 * (the following ones). `governorDelay`: seconds that whatever governance decides takes at least. `sellPrice` and
 * `redeemPrice`: payment token base units a credit. The deployer keeps no role, so it must not be the governor.
 */
export function deploySystem(
  m: IgnitionModuleBuilder,
  paymentToken: ModuleParameterRuntimeValue<string> | ContractFuture<string>,
) {
  const deployer = m.getAccount(0);
  const governor = m.getParameter("governor", m.getAccount(1));
  const governorDelay = m.getParameter("governorDelay", 3600);
  const holders = {
    REGISTRAR: m.getParameter("registrar", m.getAccount(2)),
    GRID: m.getParameter("grid", m.getAccount(3)),
    GUARDIAN: m.getParameter("guardian", m.getAccount(4)),
    INSPECTOR: m.getParameter("inspector", m.getAccount(5)),
  };

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
