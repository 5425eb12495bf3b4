import { render } from "preact";
import "uplot/dist/uPlot.min.css";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/layout.css";
import "./styles/parts.css";
import { App } from "./app.tsx";
import { applyTheme, storedTheme } from "./parts/theme.ts";
import { listenToLinks } from "./router/location.ts";

const root = document.getElementById("page");
if (root === null) throw new Error("The document has no element #page to draw in.");
applyTheme(storedTheme());
listenToLinks();
render(<App />, root);
