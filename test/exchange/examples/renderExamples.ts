import { format } from "prettier";
import { formatCredits } from "../../../src/units.ts";
import type { Chapter } from "./row.ts";

const HEAD = `# Worked examples

Every figure below is worked out on paper and measured on a chain. The test \`test/exchange/examples.test.ts\` runs the
stories, works out the arithmetic of each row by itself, and compares this page with what it writes; with
\`JOULEWORK_WRITE_EXAMPLES=1\` it writes the page anew. Amounts are ticks, a thousand million of which are a credit;
prices are ticks a watt-hour.
`;

const grouped = (ticks: bigint) => ticks.toLocaleString("en");

/** The page with all chapters, laid out as the formatter does. */
export async function renderExamples(chapters: readonly Chapter[]): Promise<string> {
  const parts = chapters.map(({ title, story, rows }) => {
    const lines = rows.map(({ who, what, paper, chain, unit }) => {
      const measured = unit ?? `${formatCredits(chain)} credits`;
      return `| ${who} | ${what} | ${paper} | ${grouped(chain)} | ${measured} |`;
    });
    const head = "| who | what | paper | chain | as |\n| --- | --- | --- | ---: | ---: |";
    return `## ${title}\n\n${story}\n\n${head}\n${lines.join("\n")}\n`;
  });
  return format([HEAD, ...parts].join("\n"), { parser: "markdown", printWidth: 120 });
}
