import { expect } from "chai";
import { regretOf, replicate, restPoints } from "../../src/equilibrium/game/matrixGame.ts";
import { near } from "../meters/profiles/near.ts";

const EVEN = [0.5, 0.5];

describe("games of a matrix", () => {
  // Cooperate, defect.
  const dilemma = [
    [3, 0],
    [5, 1],
  ];

  it("end in defection in the prisoner's dilemma", () => {
    const [cooperate = 1, defect = 0] = replicate(dilemma, EVEN);
    expect(cooperate).to.satisfy(near(0, 1e-6));
    expect(defect).to.satisfy(near(1, 1e-6));
    expect(restPoints(dilemma)).to.have.length(1);
  });

  it("know the regret of every mixture, as worked out by hand", () => {
    // Against the even mixture cooperation gets 1.5 and defection 3; the mixture itself 2.25.
    expect(regretOf(dilemma, EVEN)).to.equal(0.75);
    expect(regretOf(dilemma, [1, 0])).to.equal(2);
    expect(regretOf(dilemma, [0, 1])).to.equal(0);
  });

  it("come to the mixture of hawks and doves", () => {
    // A prize of 2, a fight that costs 4: half of them hawks.
    const [hawks = 0] = replicate(
      [
        [-1, 2],
        [0, 1],
      ],
      [0.9, 0.1],
    );
    expect(hawks).to.satisfy(near(0.5, 1e-6));
  });

  it("find both conventions of a coordination game", () => {
    const ends = restPoints([
      [2, 0],
      [0, 1],
    ]);
    expect(ends.map(([first = 0]) => Math.round(first)).sort()).to.deep.equal([0, 1]);
    for (const end of ends)
      expect(
        regretOf(
          [
            [2, 0],
            [0, 1],
          ],
          end,
        ),
      ).to.satisfy(near(0, 1e-6));
  });

  it("count strategies that differ in name alone as one place of rest", () => {
    expect(
      restPoints([
        [1, 1],
        [1, 1],
      ]),
    ).to.have.length(1);
  });
});
