import { expect } from "chai";
import { greenThird, type TrainingSlot } from "../../src/community/greenThird.ts";

const day = (shares: readonly number[], training: readonly number[]): TrainingSlot[] =>
  shares.map((renewableShare, i) => ({ slot: 100 + i, renewableShare, trainingWh: training[i] ?? 0 }));

describe("the green third of training energy", () => {
  it("counts what fell into the greenest third of the slots, against using it at once", () => {
    // Slots 102 and 103 are the greenest two of six; 90 of 120 Wh fell into them. At once it had been slots 100 to 102:
    // 30, 60 and 30 Wh, of which the last alone is green.
    const slots = day([0.1, 0.2, 0.9, 0.8, 0.3, 0.4], [0, 30, 60, 30, 0, 0]);
    expect(greenThird(slots, 100)).to.deep.equal({ share: 0.75, shareAtOnce: 0.25 });
  });

  it("takes the earlier of equally green slots, and a slot without energy as the least green", () => {
    const slots: TrainingSlot[] = [
      { slot: 7, renewableShare: undefined, trainingWh: 10 },
      { slot: 8, renewableShare: 0.5, trainingWh: 10 },
      { slot: 9, renewableShare: 0.5, trainingWh: 20 },
    ];
    expect(greenThird(slots, 8)).to.deep.equal({ share: 0.25, shareAtOnce: 0.25 });
  });

  it("says nothing where nothing was trained", () => {
    expect(greenThird(day([0.1, 0.2, 0.3], []), 100)).to.equal(undefined);
  });
});
