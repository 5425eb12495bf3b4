import { SearchBox } from "./search.tsx";
import { ThemeSwitch } from "./themeSwitch.tsx";

const LINKS = [
  ["/", "Overview"],
  ["/jobs", "Jobs"],
  ["/events", "Events"],
  ["/governance", "Governance"],
  ["/audit", "Audit"],
  ["/api", "API"],
] as const;

interface HeaderProps {
  readonly pathname: string;
  /** Name and chain id of the network; null until they are known. */
  readonly network: string | null;
}

export function Header({ pathname, network }: HeaderProps) {
  return (
    <header class="site-head">
      <div class="site-bar">
        <a href="/" class="brand">
          <img src="/icon.svg" alt="" width="22" height="22" />
          Joulework
        </a>
        {network !== null && <span class="network">{network}</span>}
        <SearchBox />
        <ThemeSwitch />
      </div>
      <nav aria-label="Pages">
        <ul>
          {LINKS.map(([path, label]) => (
            <li key={path}>
              <a href={path} aria-current={pathname === path ? "page" : undefined}>
                {label}
              </a>
            </li>
          ))}
        </ul>
      </nav>
    </header>
  );
}
