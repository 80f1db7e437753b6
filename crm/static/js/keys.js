/* One-letter shortcuts: the element says its key (data-key), the key clicks or focuses it. Off with data-keys="off". */
let before = "";
let forget;

const editable = (element) =>
  element.isContentEditable ||
  element.matches?.("textarea, select, input:not([type=checkbox], [type=radio], [type=submit], [type=button])");

function act(element) {
  if (element.matches("input, textarea, select")) {
    element.focus();
    element.select?.();
  } else {
    element.click();
    if (element.matches("summary")) element.parentElement.querySelector("a, button")?.focus();
  }
}

/* j and k walk over the rows' links, so that Enter opens the row as ever. */
function walk(step) {
  const links = [...document.querySelectorAll(".row-link")];
  const row = document.activeElement?.closest("tr, li");
  const at = links.findIndex((link) => row?.contains(link));
  const next = links[at < 0 ? (step > 0 ? 0 : links.length - 1) : at + step];
  next?.focus();
  next?.scrollIntoView({block: "nearest"});
  return next;
}

const tick = () => document.activeElement?.closest("tr")?.querySelector("td.check input");

document.addEventListener("keydown", (event) => {
  const {target} = event;
  // a Chinese keyboard's
  const key = {"、": "/", "／": "/", "？": "?"}[event.key] ?? event.key;
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (key === "Escape" && editable(target) && !target.closest("dialog")) return target.blur();
  if (document.documentElement.dataset.keys === "off" || editable(target) || document.querySelector("dialog[open]")) return;
  const keys = before ? `${before} ${key}` : key;
  clearTimeout(forget);
  before = "";
  const found = document.querySelector(`[data-key="${CSS.escape(keys)}"]`);
  if (found) act(found);
  else if (key === "j" || key === "k") {
    if (!walk(key === "j" ? 1 : -1)) return;
  } else if (key === "x" && tick()) tick().click();
  else if (document.querySelector(`[data-key^="${CSS.escape(key)} "]`)) {
    before = key;
    forget = setTimeout(() => (before = ""), 1500);
  } else return;
  event.preventDefault();
});
