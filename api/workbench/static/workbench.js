// Keyboard help for the stewards' pages; every page works without it.
"use strict";

const typing = (event) =>
  event.target.matches("input, select, textarea") || event.metaKey || event.ctrlKey || event.altKey;

function rows() {
  return Array.from(document.querySelectorAll("[data-rows] a.open"));
}

function move(step) {
  const links = rows();
  if (!links.length) return;
  const here = links.indexOf(document.activeElement);
  const next = here < 0 ? (step > 0 ? 0 : links.length - 1) : here + step;
  links[Math.max(0, Math.min(links.length - 1, next))].focus();
}

function decide(kind) {
  const button = document.querySelector(`[data-decide] button[value="${kind}"]`);
  if (button) button.click();
}

function unfold(key) {
  const part = document.querySelector(`details[data-key="${key}"]`);
  if (!part) return false;
  part.open = true;
  part.querySelector("input:not([type=hidden]), select")?.focus();
  return true;
}

function takeBack() {
  if (!unfold("u")) document.querySelector("[data-undo] button")?.click();
}

const keys = {
  m: () => unfold("m"),
  u: takeBack,
  o: () => unfold("o"),
  a: () => unfold("a"),
  x: () => unfold("x"),
  j: () => move(1),
  k: () => move(-1),
  s: () => decide("same"),
  d: () => decide("different"),
  r: () => document.getElementById("reason")?.focus(),
  "/": () => document.getElementById("q")?.focus(),
};

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && event.target.matches("input")) event.target.blur();
  if (typing(event) || !keys[event.key] || event.repeat) return;
  event.preventDefault();
  keys[event.key]();
});

document.querySelectorAll("[data-filters] select").forEach((select) => {
  select.addEventListener("change", () => select.form.requestSubmit());
});

// One answer per question, however often the key is hit.
document.querySelectorAll("[data-decide], [data-once]").forEach((form) => {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });
});
