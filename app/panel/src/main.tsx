// SPDX-License-Identifier: BSD-3-Clause
import { render } from "preact";

import { App } from "./App";
import { followLocation } from "./state/location";
import { startPanel } from "./state/panel";
import { followTheme } from "./state/theme";
import "./styles/base.css";
import "./styles/layout.css";
import "./styles/forms.css";
import "./styles/results.css";
import "./styles/lists.css";

followTheme();
followLocation();
startPanel();

const root = document.getElementById("app");
if (root) render(<App />, root);
