/* Menus are <details>: they open without the script; here they also close as people expect. */
const open = () => document.querySelectorAll("details[data-menu][open]");

document.addEventListener("click", (event) => {
  for (const menu of open()) if (!menu.contains(event.target)) menu.open = false;
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of open()) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// Into the menu with the arrow keys, and round in it.
document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.("details[data-menu][open]");
  const step = {ArrowDown: 1, ArrowUp: -1}[event.key];
  if (!menu || !step || /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) return;
  event.preventDefault();
  const items = [...menu.querySelectorAll("a, button")];
  const at = items.indexOf(event.target) + step;
  items[(at + items.length) % items.length]?.focus();
});

// The width of the rail changes at once and is remembered in the background.
document.addEventListener("submit", (event) => {
  const form = event.target.closest("[data-rail-toggle]");
  if (!form) return;
  event.preventDefault();
  const button = event.submitter ?? form.querySelector("button");
  const body = new FormData(form);
  body.append("rail", button.value);
  document.documentElement.dataset.rail = button.value;
  button.value = button.value === "wide" ? "narrow" : "wide";
  fetch(form.action, {method: "POST", body, redirect: "manual"}).catch(() => {});
  form.dispatchEvent(new Event("idle", {bubbles: true}));
});
