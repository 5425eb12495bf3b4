import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { MaxUint256 } from "ethers";
import type { NetworkConnection } from "hardhat/types/network";
import Joulework from "../../modules/Joulework.ts";
import type { HOLDERS } from "../../modules/system.ts";
import type { AccessManager, CreditDesk, EnergyCredit, TrickyToken } from "../../typechain-types/index.ts";

export const CREDIT = 10n ** 18n;
/** The desk sells and redeems at 0.30 of a token with six decimals, unless a test says otherwise. */
export const PRICE = 300_000n;

export interface GivenDesk {
  readonly connection: NetworkConnection;
  readonly desk: CreditDesk;
  readonly credit: EnergyCredit;
  readonly token: TrickyToken;
  readonly manager: AccessManager;
  readonly governor: HardhatEthersSigner;
  readonly grid: HardhatEthersSigner;
  /** Three holders with payment tokens who let the desk take tokens and credits. */
  readonly alice: HardhatEthersSigner;
  readonly bob: HardhatEthersSigner;
  readonly carol: HardhatEthersSigner;
  /** The exchange's address, which mints as settlement does. */
  readonly exchange: HardhatEthersSigner;
}

/** The test chain's accounts in the places where the local module has them. */
export async function roleHolders({ ethers }: NetworkConnection): Promise<Record<(typeof HOLDERS)[number], string>> {
  const [, governor, registrar, grid, guardian, inspector] = (await ethers.getSigners()).map(({ address }) => address);
  if (governor === undefined || registrar === undefined || grid === undefined) throw new Error("too few accounts");
  if (guardian === undefined || inspector === undefined) throw new Error("too few accounts");
  return { governor, registrar, grid, guardian, inspector };
}

/** The system as it is deployed where the payment token is somebody else's. */
export async function deployDesk(connection: NetworkConnection, decimals = 6, price = PRICE): Promise<GivenDesk> {
  const { ethers, ignition, networkHelpers } = connection;
  const token = await ethers.deployContract("TrickyToken", [decimals]);
  const paymentToken = await token.getAddress();
  const signers = await ethers.getSigners();
  const account = (index: number): HardhatEthersSigner => {
    const found = signers[index];
    if (found === undefined) throw new Error(`the test chain has no account ${String(index)}`);
    return found;
  };
  const prices = { governorDelay: 0, sellPrice: price, redeemPrice: price };
  const deployed = await ignition.deploy(Joulework, {
    parameters: { Joulework: { paymentToken, ...prices, ...(await roleHolders(connection)) } },
  });
  const address = (name: keyof typeof deployed) => deployed[name].getAddress();
  const desk = await ethers.getContractAt("CreditDesk", await address("creditDesk"));
  const credit = await ethers.getContractAt("EnergyCredit", await address("energyCredit"));
  const [alice, bob, carol] = [account(10), account(11), account(12)];
  for (const holder of [alice, bob, carol]) {
    await token.mint(holder.address, 10n ** 30n);
    await token.connect(holder).approve(desk, MaxUint256);
    await credit.connect(holder).approve(desk, MaxUint256);
  }
  const exchange = await address("energyExchange");
  await networkHelpers.impersonateAccount(exchange);
  await networkHelpers.setBalance(exchange, 10n ** 20n);
  return {
    connection,
    desk,
    credit,
    token,
    manager: await ethers.getContractAt("AccessManager", await address("accessManager")),
    governor: account(1),
    grid: account(3),
    alice,
    bob,
    carol,
    exchange: await ethers.getSigner(exchange),
  };
}

/** Each of three holders has 100 credits, all of it on GRID's credit line: the desk holds nothing. */
export async function deployUnfundedDesk(connection: NetworkConnection): Promise<GivenDesk> {
  const given = await deployDesk(connection);
  const { desk, grid, alice, bob, carol } = given;
  for (const holder of [alice, bob, carol]) {
    await desk.connect(holder).buy(holder.address, 100n * CREDIT, MaxUint256);
  }
  await desk.connect(grid).setCreditLine(300n * CREDIT);
  await desk.connect(grid).withdrawPledge(grid.address, 300n * PRICE);
  return given;
}
