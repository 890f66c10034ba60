// What can be taken away from the table of jobs: its link, its curl command, its data.

import { curl, send } from "./api.js";
import { copy, save } from "./dom.js";
import { t } from "./texts.js";

/** Make the buttons work; `address()` returns what the table asks for now. */
export function offer(address, failed) {
  const panel = document.getElementById("jobs-curl");
  const acts = {
    link: (button) => copy(window.location.href, button, t("take.copied")),
    curl: (button) => {
      panel.hidden = !panel.hidden;
      panel.textContent = curl(address());
      button.setAttribute("aria-expanded", String(!panel.hidden));
    },
    json: async () => save(await (await send(address())).blob(), "jobs.json"),
  };
  for (const [name, act] of Object.entries(acts)) {
    const button = document.getElementById(`take-${name}`);
    button.addEventListener("click", () => Promise.resolve(act(button)).catch(failed));
  }
}
