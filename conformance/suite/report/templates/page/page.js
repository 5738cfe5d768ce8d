"use strict";
// What needs no script is a details element; this adds search, chips, copying, and opens what a link leads to.
const all = (selector, from = document) => [...from.querySelectorAll(selector)];
const rules = all(".rule").map((element) => ({
  element,
  text: all("[data-find]", element).map((found) => found.textContent).join(" ").toLowerCase(),
}));
const groups = all("#rules > .group");
const chips = all(".chips button");
const search = document.getElementById("search");
const clearing = document.getElementById("clear");
const hits = document.getElementById("hits");
const wasOpen = new Map(groups.map((group) => [group, group.open]));

function pressed() {
  const chosen = {};
  for (const chip of chips.filter((one) => one.getAttribute("aria-pressed") === "true")) {
    (chosen[chip.dataset.name] ??= []).push(chip.dataset.value);
  }
  return Object.entries(chosen);
}

function filter() {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  const chosen = pressed();
  const active = words.length > 0 || chosen.length > 0;
  let found = 0;
  for (const { element, text } of rules) {
    const fits =
      words.every((word) => text.includes(word)) &&
      chosen.every(([name, values]) => values.includes(element.dataset[name]));
    element.hidden = !fits;
    found += fits;
  }
  for (const group of groups) {
    group.hidden = active && !group.querySelector(".rule:not([hidden])");
    group.open = active ? !group.hidden : wasOpen.get(group);
  }
  clearing.hidden = !active;
  hits.textContent = active ? `${found} of ${rules.length} rules` : "";
}

function clear() {
  search.value = "";
  chips.forEach((chip) => chip.setAttribute("aria-pressed", "false"));
  filter();
}

function openTarget() {
  let id = location.hash.slice(1);
  try {
    id = decodeURIComponent(id);
  } catch {
    return;
  }
  const target = document.getElementById(id);
  if (!target) return;
  if (target.closest("[hidden]")) clear();
  for (let one = target; one; one = one.parentElement) if (one.tagName === "DETAILS") one.open = true;
  target.scrollIntoView();
}

async function copy(button) {
  const text = button.parentElement.querySelector("pre");
  try {
    await navigator.clipboard.writeText(text.textContent);
  } catch {
    getSelection().selectAllChildren(text); // where a page from disk may not write to the clipboard
    if (!document.execCommand("copy")) return;
  }
  button.firstChild.textContent = "Copied";
  document.getElementById("told").textContent = "Copied";
  setTimeout(() => {
    button.firstChild.textContent = "Copy";
    document.getElementById("told").textContent = "";
  }, 2000);
}

all(".copy, .filter").forEach((element) => (element.hidden = false));
all(".copy").forEach((button) => button.addEventListener("click", () => copy(button)));
search.addEventListener("input", filter);
clearing.addEventListener("click", () => {
  clear();
  search.focus();
});
search.form.addEventListener("submit", (event) => event.preventDefault());
for (const chip of chips) {
  chip.addEventListener("click", () => {
    chip.setAttribute("aria-pressed", String(chip.getAttribute("aria-pressed") !== "true"));
    filter();
  });
}
addEventListener("keydown", (event) => {
  if (event.key === "Escape" && document.activeElement === search) clear();
  if (event.key !== "/" || /^(INPUT|TEXTAREA)$/.test(document.activeElement.tagName)) return;
  event.preventDefault();
  search.focus();
});
addEventListener("hashchange", openTarget);
openTarget();

let printed = [];
addEventListener("beforeprint", () => {
  printed = all('.cause > details, .rule.fail, .group[data-outcome]:not([data-outcome="pass"])').filter((one) => !one.open);
  printed.forEach((one) => (one.open = true));
});
addEventListener("afterprint", () => printed.forEach((one) => (one.open = false)));
