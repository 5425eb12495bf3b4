import { seasonAt } from "../game/seasonClock.ts";
import { slotOf } from "../units.ts";
import { mismatch } from "./mismatch.ts";
import { NOBODY, type Run } from "./run.ts";
import { clockOf } from "./seasonEvents.ts";
import { seasonOf, type SiteSeasonEntry } from "./seasonState.ts";
import type { BadgesEvent, BadgesEventOf } from "./types.ts";

/** Every event of the badges: each goal is looked at again, and no badge ever moves. */
export function badgesEvent(run: Run, event: BadgesEvent): void {
  const { state, findings, tx } = run;
  const { quests, clock } = state.seasons;
  switch (event.name) {
    case "QuestAdded": {
      const { quest, goal, threshold, fromSeason } = event.args;
      const season = Math.max(1, seasonAt(clockOf(clock), slotOf(tx.transaction.timestamp)));
      findings.expect("seasons", {}, "number of the quest", quests.length + 1, quest);
      findings.expect("seasons", {}, "first season of the quest", season, fromSeason);
      quests.push({ goal, threshold, fromSeason, throughSeason: 0 });
      return;
    }
    case "QuestEnded": {
      const quest = quests[event.args.quest - 1] ?? mismatch("There is no such quest", { quest: event.args.quest });
      quest.throughSeason = event.args.throughSeason;
      return;
    }
    case "BadgeEarned":
      badgeEarned(run, event);
      return;
    case "Transfer":
      findings.expect("seasons", { account: event.args.to }, "a badge comes from nobody", NOBODY, event.args.from);
      return;
    case "Locked":
    case "AuthorityUpdated":
      return;
    case "Unlocked":
    case "Approval":
    case "ApprovalForAll":
      findings.fail("seasons", {}, "event of the badges", "none that loosens a badge", event.name);
      return;
  }
}

function badgeEarned({ state, findings }: Run, { args }: BadgesEventOf<"BadgeEarned">): void {
  const { quest: number, season, site } = args;
  const place = { site };
  const { seasons } = state;
  const quest = seasons.quests[number - 1] ?? mismatch("There is no such quest", { quest: number });
  const tally = seasonOf(seasons, season).sites.get(site) ?? mismatch("The site was never enrolled", { season, site });
  const key = `${String(number)}/${String(season)}/${String(site)}`;
  const within = season >= quest.fromSeason && (quest.throughSeason === 0 || season <= quest.throughSeason);
  findings.expect("seasons", place, "season of the quest", true, within);
  findings.expect("seasons", place, "season concluded", true, tally.stage !== "enrolled");
  const value = valueOf(quest.goal, tally);
  findings.expect("seasons", place, "value of the goal", value, args.value);
  findings.expect("seasons", place, "goal reached", true, value >= quest.threshold);
  findings.expect("seasons", place, "holder of the badge", tally.owner, args.owner);
  findings.expect("seasons", place, "badge given once", false, seasons.badges.has(key));
  seasons.badges.set(key, args.owner);
  findings.add("seasons", "badges", 1);
}

/** A badge's token. */
export function badgeNumber(key: { readonly quest: number; readonly season: number; readonly site: number }): bigint {
  return (BigInt(key.quest) << 64n) | (BigInt(key.season) << 32n) | BigInt(key.site);
}

/** What a goal looks at, by the order of `QuestGoal`. */
function valueOf(goal: number, tally: SiteSeasonEntry): bigint {
  const values = [tally.points, BigInt(tally.shedWh), BigInt(tally.tier), BigInt(tally.streak)];
  return values[goal] ?? mismatch("There is no such goal", { goal });
}
