"use strict";
{
  const form = document.getElementById("filters");
  const text = document.getElementById("text");
  const least = document.getElementById("least");
  const status = document.getElementById("status");
  const boxes = [...form.querySelectorAll("input[name=rule]")];
  const folders = [...document.querySelectorAll("[data-folder]")];
  const cards = [...document.querySelectorAll(".finding")].map((card) => ({
    card,
    code: card.dataset.code,
    confidence: Number(card.dataset.confidence),
    path: card.dataset.path,
    words: card.textContent.toLowerCase(),
  }));
  let folder = null;

  /** Whether a file lies in the chosen folder; "" stands for the files beside all folders. */
  const inside = (path) => folder === null || (folder === "" ? !path.includes("/") : path.startsWith(folder + "/"));

  function filter() {
    const words = text.value.toLowerCase().split(/\s+/).filter(Boolean);
    const from = Number(least.value) / 100;
    const codes = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
    let left = 0;
    for (const one of cards) {
      const shown =
        one.confidence >= from && codes.has(one.code) && inside(one.path) && words.every((word) => one.words.includes(word));
      one.card.hidden = !shown;
      left += shown;
    }
    document.getElementById("shown-least").textContent = least.value + "%";
    for (const button of folders) button.setAttribute("aria-pressed", String(button.dataset.folder === folder));
    remember(codes);
    status.textContent = left === cards.length ? "" : `${left} of ${cards.length} findings shown`;
  }

  /** Keep what is filtered in the address, so that it can be passed on; restore() reads it. */
  function remember(codes) {
    const state = new URLSearchParams();
    if (text.value) state.set("text", text.value);
    if (least.value !== "0") state.set("least", least.value);
    if (codes.size < boxes.length) state.set("rules", [...codes].join(","));
    if (folder !== null) state.set("folder", folder);
    if (state.size) history.replaceState(null, "", "#?" + state);
    else if (location.hash.startsWith("#?")) history.replaceState(null, "", location.pathname);
  }

  function restore() {
    if (!location.hash.startsWith("#?")) return;
    const state = new URLSearchParams(location.hash.slice(2));
    text.value = state.get("text") ?? "";
    least.value = state.get("least") ?? 0;
    const rules = state.get("rules");
    for (const box of boxes) box.checked = rules === null || rules.split(",").includes(box.value);
    folder = state.get("folder");
  }

  /** Move to the next (1) or previous (-1) finding that is shown. */
  function step(by) {
    const shown = cards.filter((one) => !one.card.hidden).map((one) => one.card);
    const at = shown.indexOf(document.activeElement.closest(".finding"));
    const next = shown[at < 0 ? (by > 0 ? 0 : shown.length - 1) : Math.min(Math.max(at + by, 0), shown.length - 1)];
    if (next) {
      next.focus({ preventScroll: true });
      next.scrollIntoView({ block: "start" });
    }
  }

  function all() {
    form.reset();
    folder = null;
    filter();
  }

  form.hidden = cards.length === 0;
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  document.getElementById("everything").addEventListener("click", all);
  for (const button of folders) {
    button.addEventListener("click", () => {
      folder = folder === button.dataset.folder ? null : button.dataset.folder;
      filter();
    });
  }
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const typing = event.target === text;
    if (event.key === "Escape") {
      all();
      text.blur();
    } else if (typing) {
      return;
    } else if (event.key === "/") {
      event.preventDefault();
      text.focus();
    } else if (event.key === "j" || event.key === "k") {
      step(event.key === "j" ? 1 : -1);
    }
  });

  const theme = document.getElementById("theme");
  theme.hidden = false;
  theme.addEventListener("click", () => {
    const dark = document.documentElement.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
    document.documentElement.dataset.theme = dark === "dark" ? "light" : "dark";
  });
  restore();
  filter();
}
