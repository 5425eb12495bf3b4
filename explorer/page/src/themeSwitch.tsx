import { useState } from "preact/hooks";
import { applyTheme, storedTheme, THEMES, type Theme } from "./parts/theme.ts";

const LABELS: Readonly<Record<Theme, string>> = { system: "System", light: "Light", dark: "Dark" };

export function ThemeSwitch() {
  const [theme, setTheme] = useState(storedTheme);
  const choose = (chosen: string) => {
    const next = THEMES.find((name) => name === chosen) ?? "system";
    setTheme(next);
    applyTheme(next);
  };
  return (
    <label class="theme">
      <span class="unseen">Colours</span>
      <select value={theme} onChange={(event) => choose(event.currentTarget.value)}>
        {THEMES.map((name) => (
          <option key={name} value={name}>
            {LABELS[name]}
          </option>
        ))}
      </select>
    </label>
  );
}
