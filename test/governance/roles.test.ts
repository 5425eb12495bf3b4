import { expect } from "chai";
import { Interface } from "ethers";
import hre from "hardhat";
import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { RESTRICTED, ROLES, restrictedFunctions, type Role } from "../../src/chain/roles.ts";
import {
  CreditDesk__factory,
  EnergyCertificates__factory,
  EnergyExchange__factory,
  EnergyQueue__factory,
  Badges__factory,
  HandOver__factory,
  Inspections__factory,
  Providers__factory,
  ReproducibleJobs__factory,
  Reputation__factory,
  Seasons__factory,
  TrainingJobs__factory,
} from "../../typechain-types/index.ts";
import { refusal, writingFunctions, zeroCall } from "../support/refusals.ts";
import { deployTestMarket, type TestMarket } from "../support/testMarket.ts";

const connection = await hre.network.create();
const { ethers, networkHelpers } = connection;

const ABIS = {
  EnergyExchange: new Interface(EnergyExchange__factory.abi),
  CreditDesk: new Interface(CreditDesk__factory.abi),
  Reputation: new Interface(Reputation__factory.abi),
  HandOver: new Interface(HandOver__factory.abi),
  Seasons: new Interface(Seasons__factory.abi),
  Badges: new Interface(Badges__factory.abi),
  Inspections: new Interface(Inspections__factory.abi),
  Providers: new Interface(Providers__factory.abi),
  EnergyQueue: new Interface(EnergyQueue__factory.abi),
  TrainingJobs: new Interface(TrainingJobs__factory.abi),
  EnergyCertificates: new Interface(EnergyCertificates__factory.abi),
};
type Target = keyof typeof ABIS;
const TARGETS = Object.keys(ABIS) as Target[];
const UNAUTHORIZED = ABIS.EnergyExchange.getError("AccessManagedUnauthorized")?.selector ?? "";

async function deployed(): Promise<TestMarket> {
  return deployTestMarket(connection);
}

async function load() {
  const market = await networkHelpers.loadFixture(deployed);
  const holders: Partial<Record<Role, HardhatEthersSigner>> = {
    GOVERNOR: market.governor,
    REGISTRAR: market.registrar,
    SUSPENDER: market.registrar,
    GRID: market.grid,
    GUARDIAN: market.guardian,
    INSPECTOR: market.inspector,
  };
  const addresses = {
    EnergyExchange: await market.exchange.getAddress(),
    CreditDesk: await market.desk.getAddress(),
    Reputation: await market.reputation.getAddress(),
    HandOver: await market.handOver.getAddress(),
    Seasons: await market.seasons.getAddress(),
    Badges: await market.badges.getAddress(),
    Inspections: await market.inspections.getAddress(),
    Providers: await market.providers.getAddress(),
    EnergyQueue: await market.energyQueue.getAddress(),
    TrainingJobs: await market.trainingJobs.getAddress(),
    EnergyCertificates: await market.certificates.getAddress(),
  };
  return { market, holders, addresses };
}

describe("roles of the deployed system", () => {
  for (const target of TARGETS) {
    describe(target, () => {
      it("restricts exactly the functions that the list of roles names, each under one role", async () => {
        const { market, addresses } = await load();
        const stranger = market.worker.address;
        const restricted: string[] = [];
        for (const fragment of writingFunctions(ABIS[target])) {
          const refused = await refusal(connection, {
            from: stranger,
            to: addresses[target],
            data: zeroCall(ABIS[target], fragment),
          });
          // setAuthority belongs to the manager itself and answers everybody else with the same error.
          if (refused === UNAUTHORIZED && fragment.name !== "setAuthority") restricted.push(fragment.format("sighash"));
        }
        const listed = Object.values(RESTRICTED[target]).flat();
        expect(restricted.sort()).to.deep.equal([...listed].sort());
        expect(new Set(listed).size).to.equal(listed.length);
      });

      it("assigns every function's role in the access manager as listed, and leaves the rest to ADMIN", async () => {
        const { market, addresses } = await load();
        const roles = new Map(
          restrictedFunctions(target).flatMap(({ role, selectors }) =>
            selectors.map((selector) => [selector, ROLES[role]] as const),
          ),
        );
        for (const { selector, name } of writingFunctions(ABIS[target])) {
          expect(await market.manager.getTargetFunctionRole(addresses[target], selector), name).to.equal(
            roles.get(selector) ?? ROLES.ADMIN,
          );
        }
      });

      for (const [role, signatures] of Object.entries(RESTRICTED[target])) {
        for (const signature of signatures) {
          it(`lets ${role} alone call ${signature.split("(")[0] ?? ""}`, async () => {
            const { market, holders, addresses } = await load();
            const fragment = ABIS[target].getFunction(signature);
            if (fragment === null) throw new Error(`${signature} is not in the ABI`);
            const call = zeroCall(ABIS[target], fragment);
            const holder = holders[role as Role];
            for (const account of market.signers) {
              const refused = await refusal(connection, {
                from: account.address,
                to: addresses[target],
                data: call,
              });
              if (account.address === holder?.address) expect(refused).not.to.equal(UNAUTHORIZED);
              else expect(refused, account.address).to.equal(UNAUTHORIZED);
            }
          });
        }
      }

      it("keeps its authority but for the access manager", async () => {
        const { market, addresses } = await load();
        // What they all have of OpenZeppelin's AccessManaged.
        const contract = await ethers.getContractAt("Reputation", addresses[target]);
        expect(await contract.authority()).to.equal(await market.manager.getAddress());
        for (const account of [market.governor, market.signers[0] ?? market.worker]) {
          await expect(contract.connect(account).setAuthority(account.address))
            .to.be.revertedWithCustomError(contract, "AccessManagedUnauthorized")
            .withArgs(account.address);
        }
      });
    });
  }

  it("are held by exactly the accounts and contracts named, and the deployer has none", async () => {
    const { market, holders, addresses } = await load();
    const expected = new Set(Object.entries(holders).map(([role, holder]) => `${role} ${holder.address}`));
    expected.add(`ADMIN ${addresses.HandOver}`);
    expected.add(`REPUTATION ${addresses.Reputation}`);
    expected.add(`SEASONS ${addresses.Seasons}`);
    expected.add(`SUSPENDER ${addresses.Inspections}`);
    const computeMarket = await market.computeMarket.getAddress();
    for (const role of ["EVIDENCE", "COMPUTE"])
      for (const holder of [computeMarket, addresses.TrainingJobs]) expected.add(`${role} ${holder}`);
    expected.add(`EVIDENCE ${addresses.EnergyCertificates}`);
    const found = new Set<string>();
    for (const role of Object.keys(ROLES) as Role[]) {
      for (const account of [
        ...market.signers.map(({ address }) => address),
        ...Object.values(addresses),
        computeMarket,
      ]) {
        const { isMember } = await market.manager.hasRole(ROLES[role], account);
        if (isMember) found.add(`${role} ${account}`);
      }
    }
    expect(found).to.deep.equal(expected);

    // And by nobody who is no account of this chain: everything that was ever granted is in the events.
    const granted = await market.manager.queryFilter(market.manager.filters.RoleGranted());
    const revoked = await market.manager.queryFilter(market.manager.filters.RoleRevoked());
    const left = new Set(granted.map(({ args }) => `${String(args.roleId)} ${args.account}`));
    for (const { args } of revoked) left.delete(`${String(args.roleId)} ${args.account}`);
    expect(left).to.deep.equal(
      new Set([...expected].map((entry) => entry.replace(/^\w+/, (role) => String(ROLES[role as Role])))),
    );
  });

  it("are administered by ADMIN alone, close no target and delay no target's administration", async () => {
    const { market, addresses } = await load();
    for (const role of Object.values(ROLES)) {
      expect(await market.manager.getRoleAdmin(role)).to.equal(ROLES.ADMIN);
      expect(await market.manager.getRoleGuardian(role)).to.equal(ROLES.ADMIN);
    }
    for (const target of TARGETS) expect(await market.manager.isTargetClosed(addresses[target])).to.equal(false);
    const deployer = market.signers[0] ?? market.worker;
    for (const account of [deployer, market.governor, market.registrar, market.guardian]) {
      await expect(market.manager.connect(account).grantRole(ROLES.REGISTRAR, account.address, 0))
        .to.be.revertedWithCustomError(market.manager, "AccessManagerUnauthorizedAccount")
        .withArgs(account.address, ROLES.ADMIN);
    }
  });

  it("have no hold on reproducible jobs, whose season pool is that of the seasons", async () => {
    const { market } = await load();
    const abi = new Interface(ReproducibleJobs__factory.abi);
    const jobs = market.reproducibleJobs;
    for (const fragment of writingFunctions(abi)) {
      const data = zeroCall(abi, fragment);
      for (const account of [market.governor, market.registrar, market.guardian, market.worker]) {
        const refused = await refusal(connection, { from: account.address, to: await jobs.getAddress(), data });
        expect(refused, fragment.name).not.to.equal(UNAUTHORIZED);
      }
      const selector = fragment.selector;
      expect(await market.manager.getTargetFunctionRole(await jobs.getAddress(), selector)).to.equal(ROLES.ADMIN);
    }
    expect(abi.hasFunction("authority")).to.equal(false);
    expect(await jobs.seasonPool()).to.equal(await market.seasons.getAddress());
  });

  it("open to EVIDENCE when the council grants it, and to nobody else", async () => {
    const { market, addresses } = await load();
    await market.handOver.connect(market.governor).grantRole(ROLES.EVIDENCE, market.worker.address, 0);
    const fragment = ABIS.EnergyExchange.getFunction("drawEvidence");
    if (fragment === null) throw new Error("drawEvidence is not in the ABI");
    const call = { to: addresses.EnergyExchange, data: zeroCall(ABIS.EnergyExchange, fragment) };
    expect(await refusal(connection, { from: market.worker.address, ...call })).to.equal(
      ABIS.EnergyExchange.getError("UnprovenReading")?.selector,
    );
    expect(await refusal(connection, { from: market.grid.address, ...call })).to.equal(UNAUTHORIZED);
  });

  it("hold inside a multicall as outside of one", async () => {
    const { market } = await load();
    const calls = [market.exchange.interface.encodeFunctionData("pause")];
    await expect(market.exchange.connect(market.worker).multicall(calls))
      .to.be.revertedWithCustomError(market.exchange, "AccessManagedUnauthorized")
      .withArgs(market.worker.address);
    await expect(market.exchange.connect(market.guardian).multicall(calls)).to.emit(market.exchange, "Paused");
  });

  it("let no role move the balance of another", async () => {
    const { market, holders } = await load();
    const meter = await market.addMeter({ kind: "prosumer" });
    const second = await market.addMeter({ kind: "consumer", site: meter.site });
    for (const holder of Object.values(holders)) {
      const as = market.exchange.connect(holder);
      for (const attempt of [
        () => as.moveBalance(meter.address, second.address, 1),
        () => as.requestWithdrawal(meter.address, 1, holder.address),
        () => as.requestUnbond(meter.site, 1),
        () => as.collectBond(meter.site, holder.address),
      ]) {
        await expect(attempt()).to.be.revertedWithCustomError(market.exchange, "NotEntitled").withArgs(holder.address);
      }
    }
  });
});
