"use strict";
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const one = (selector) => document.querySelector(selector);
  const tools = one(".tools"), search = one("#search"), count = one("#count");
  const selects = all(".tools select"), chips = all(".tools button[data-status]");
  if (!tools) return;
  tools.hidden = false;

  const units = all("[data-unit]");
  const texts = new Map(units.map((unit) => [unit, (unit.dataset.text || "").toLowerCase()]));
  const opened = new Map(all("details.card").map((card) => [card, card.open]));

  const apply = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const wanted = chips.filter((chip) => chip.getAttribute("aria-pressed") === "true").map((chip) => chip.dataset.status);
    const picked = selects.map((select) => [select.name, select.value]).filter(([, value]) => value);
    const narrowed = words.length > 0 || wanted.length > 0;
    const has = (unit) => picked.every(([name, value]) => (unit.dataset[name] || "").split("\n").includes(value));
    const matches = (text) => words.every((word) => text.includes(word));
    let shown = 0, total = 0;
    for (const unit of units) {
      const own = texts.get(unit), parts = all("[data-part]", unit);
      let left = 0;
      for (const part of parts) {
        const fits = has(unit) && (!wanted.length || wanted.includes(part.dataset.status))
          && matches(own + " " + (part.dataset.text || "").toLowerCase());
        part.hidden = !fits;
        left += fits;
      }
      const whole = has(unit) && matches(own) && (!wanted.length || wanted.includes(unit.dataset.status));
      unit.hidden = !(left || whole && !parts.length || whole && !wanted.length);
      if (unit.matches("details.card")) {
        unit.open = narrowed ? left > 0 : opened.get(unit);
        total += parts.length;
        shown += left;
      } else if (unit.tagName === "TR") {
        total += 1;
        shown += !unit.hidden;
      }
    }
    const noun = count.dataset.noun;
    count.textContent = shown === total ? `${total} ${noun}` : `${shown} of ${total} ${noun}`;
    one("#nothing").hidden = shown > 0 || total === 0;
    for (const link of all("[data-for]")) link.hidden = !!document.getElementById(link.dataset.for)?.hidden;
  };
  const toggle = (chip) => chip.setAttribute("aria-pressed", String(chip.getAttribute("aria-pressed") !== "true"));
  const clear = () => {
    search.value = "";
    for (const select of selects) select.value = "";
    for (const chip of chips) chip.setAttribute("aria-pressed", "false");
    apply();
  };
  search.addEventListener("input", apply);
  for (const select of selects) select.addEventListener("change", apply);
  for (const chip of chips) chip.addEventListener("click", () => { toggle(chip); apply(); });

  const reveal = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    if (target.hidden || target.closest("[hidden]")) clear();
    for (let at = target; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
    target.scrollIntoView();
  };
  addEventListener("hashchange", reveal);

  const stops = () => all("summary").filter((item) => item.offsetParent);
  const step = (by) => {
    const items = stops(), at = items.indexOf(document.activeElement);
    const next = items[at < 0 ? (by > 0 ? 0 : items.length - 1) : Math.min(Math.max(at + by, 0), items.length - 1)];
    if (next) { next.focus(); next.scrollIntoView({ block: "nearest" }); }
  };
  const expand = () => {
    const cards = all("details.card").filter((card) => !card.hidden), open = cards.some((card) => !card.open);
    for (const card of cards) card.open = open;
  };
  const keys = {
    "/": () => search.focus(), j: () => step(1), k: () => step(-1), e: expand, "?": () => one("#keys").showModal(),
    f: () => { const chip = chips.find((item) => item.dataset.status === "failed"); if (chip) { toggle(chip); apply(); } },
    w: () => { const chip = chips.find((item) => item.dataset.status === "warned"); if (chip) { toggle(chip); apply(); } },
  };
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape" && !one("#keys").open) { clear(); document.activeElement.blur(); return; }
    if (event.target.matches("input, select, textarea") || !keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  });
  one("#help").addEventListener("click", () => one("#keys").showModal());
  addEventListener("beforeprint", () => {
    for (const card of all("details.card")) if (!card.hidden) card.open = true;
    for (const check of all(".check")) if (check.dataset.status !== "passed") check.open = true;
  });
  apply();
  if (location.hash) reveal();
})();
