// Tells, above the page, when the server stops taking questions, is gone, and is back.

import { read } from "./api.js";
import { t } from "./texts.js";

const AGAIN = 1000; // milliseconds between two looks at a server that is away
const SHOWN = 6000; // that good news stays

const banner = document.getElementById("banner");
let kind = null;

/**
 * Take note of the ApiError that a request met; or of a `kind` of one that was seen otherwise. Return
 * whether it is told above the page, or asked for, so that nothing more need be said.
 */
export function noteTrouble(error) {
  const isAway = ["gone", "stopping"].includes(error.kind);
  if (isAway) show(error.kind);
  if (error.kind === "token") askForToken();
  return isAway || error.kind === "token";
}

function show(news) {
  if (kind === news) return;
  const watching = kind === "gone" || kind === "stopping";
  kind = news;
  banner.hidden = false;
  banner.dataset.kind = news;
  banner.textContent = t(`banner.${news}`);
  if (news === "back") {
    setTimeout(() => {
      if (kind === "back") {
        kind = null;
        banner.hidden = true;
      }
    }, SHOWN);
  } else if (!watching) {
    setTimeout(look, AGAIN);
  }
}

async function look() {
  let now;
  try {
    await read("/api/health");
    now = "back";
  } catch (error) {
    now = error.kind === "stopping" ? "stopping" : "gone";
  }
  show(now);
  if (now === "back") window.dispatchEvent(new Event("back"));
  else setTimeout(look, AGAIN);
}

function askForToken() {
  const dialog = document.getElementById("token");
  if (dialog.open) return;
  const field = document.getElementById("token-value");
  const refused = sessionStorage.getItem("token") !== null;
  sessionStorage.removeItem("token");
  document.getElementById("token-refused").hidden = !refused;
  dialog.addEventListener(
    "close",
    () => {
      if (dialog.returnValue !== "go") {
        [banner.hidden, banner.textContent] = [false, t("errors.token")];
        banner.dataset.kind = "token";
        return;
      }
      sessionStorage.setItem("token", field.value.trim());
      window.location.reload();
    },
    { once: true },
  );
  dialog.showModal();
}
