/* A look-up field (ARIA 1.2 combobox with a list). The server answers url?q=… with <li role="option" data-value data-hidden>,
   or with data-href, which leads there; what stands in the field is what is sent, so it also works as a plain text field. */
const WAIT = 150;
let timer, request;

const part = (input) => {
  const box = input.closest("[data-combobox]");
  return {box, list: box.querySelector(".options"), hidden: box.querySelector("[data-chosen-id]")};
};
// Of several names with commas between them the last is being written.
const written = (input) => ("several" in input.dataset ? /[^,;，；、]*$/ : /.*/);
const options = (list) => [...list.querySelectorAll("[role=option]")];

function dress(input) {
  const {box, list} = part(input);
  if (list) return;
  box.insertAdjacentHTML("beforeend", '<ul class="options" role="listbox" hidden></ul><span class="sr-only" role="status"></span>');
  const made = part(input).list;
  made.id = `${input.id}-options`;
  made.setAttribute("aria-label", input.labels?.[0]?.textContent.trim() ?? "");
  for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-expanded", "false"], ["aria-controls", made.id]])
    input.setAttribute(name, value);
}

function show(input, on) {
  const {box, list} = part(input);
  if (!list) return;
  list.hidden = !on;
  input.setAttribute("aria-expanded", on);
  if (!on) input.removeAttribute("aria-activedescendant");
  const found = options(list).length;
  box.querySelector("[role=status]").textContent = on ? `${found} ${box.dataset.found}` : "";
}

async function fetchOptions(input) {
  const {box, list} = part(input);
  request?.abort();
  const asked = input.value.match(written(input))[0].trim();
  if (!asked) return show(input, false);
  request = new AbortController();
  const url = new URL(box.dataset.combobox, location.href);
  url.searchParams.set("q", asked);
  try {
    const response = await fetch(url, {signal: request.signal, headers: {"HX-Request": "true"}});
    if (!response.ok || document.activeElement !== input) return;
    const marked = list.querySelector("[aria-selected=true]")?.textContent;
    list.innerHTML = await response.text();
    options(list).forEach((option, i) => (option.id = `${list.id}-${i}`));
    if (!options(list).length) {
      const none = document.createElement("li");
      none.className = "none";
      none.textContent = box.dataset.none;
      list.replaceChildren(none);
    }
    show(input, true);
    // Later suggestions must not take away what the arrow keys have reached.
    const same = marked && options(list).find((option) => option.textContent === marked);
    if (same) mark(input, same);
  } catch {
    // without suggestions it is a text field
    show(input, false);
  }
}

function mark(input, option) {
  for (const each of options(part(input).list)) each.setAttribute("aria-selected", each === option);
  if (!option) return input.removeAttribute("aria-activedescendant");
  input.setAttribute("aria-activedescendant", option.id);
  option.scrollIntoView({block: "nearest"});
}

function choose(input, option) {
  if (option.dataset.href) return location.assign(option.dataset.href);
  const {hidden} = part(input);
  input.value = input.value.replace(written(input), "") + (option.dataset.value ?? option.textContent.trim());
  if (hidden) hidden.value = option.dataset.hidden ?? "";
  show(input, false);
  input.dispatchEvent(new Event("change", {bubbles: true}));
}

const field = (event) => event.target.closest?.("[data-combobox] > input:not([type=hidden])");

document.addEventListener("focusin", (event) => field(event) && dress(field(event)));
document.addEventListener("focusout", (event) => field(event) && show(field(event), false));

document.addEventListener("input", (event) => {
  const input = field(event);
  if (!input) return;
  dress(input);
  const {hidden} = part(input);
  if (hidden) hidden.value = "";
  clearTimeout(timer);
  timer = setTimeout(() => fetchOptions(input), WAIT);
});

document.addEventListener("keydown", (event) => {
  const input = field(event);
  if (!input || event.isComposing) return;
  const {list} = part(input);
  const all = list.hidden ? [] : options(list);
  const at = all.findIndex((option) => option.matches("[aria-selected=true]"));
  const step = {ArrowDown: 1, ArrowUp: -1}[event.key];
  if (step) {
    event.preventDefault();
    if (list.hidden) fetchOptions(input);
    else if (all.length) mark(input, all[(at + step + all.length + (at < 0 && step < 0 ? 1 : 0)) % all.length]);
  } else if (event.key === "Enter" && at >= 0) {
    event.preventDefault();
    choose(input, all[at]);
  } else if (event.key === "Escape" && !list.hidden) {
    event.preventDefault();
    event.stopPropagation();
    show(input, false);
  } else if (event.key === "Tab" && at >= 0 && !all[at].dataset.href) choose(input, all[at]);
}, true);

// mousedown would take the focus from the field before the click arrives
document.addEventListener("mousedown", (event) => {
  if (event.target.closest("[data-combobox] .options")) event.preventDefault();
});
document.addEventListener("click", (event) => {
  const option = event.target.closest("[data-combobox] [role=option]");
  if (option) choose(option.closest("[data-combobox]").querySelector("input"), option);
});
