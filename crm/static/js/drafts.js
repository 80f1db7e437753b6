/* What is typed into <form data-draft="key"> is kept in this browser until the server has it: a lost page, a dead
   battery, an expired session cost nothing. Kept per person, a month long, forgotten when that person signs out. */
const MONTH = 30 * 24 * 3600 * 1000;
const WAIT = 300;
const root = document.documentElement;
const prefix = `draft:${root.dataset.person ?? ""}:`;
const SECRET = new Set(["csrf_token", "next"]);
// what the server had filled in
const first = new WeakMap();
const timers = new WeakMap();

function load(key) {
  try {
    const draft = JSON.parse(localStorage.getItem(prefix + key));
    return draft && Date.now() - draft.at < MONTH ? draft : null;
  } catch {
    return null;
  }
}

function store(key, draft) {
  try {
    if (draft) localStorage.setItem(prefix + key, JSON.stringify(draft));
    else localStorage.removeItem(prefix + key);
  // storage full or forbidden: the form still works
  } catch {}
}

function values(form) {
  const control = (name) => form.elements[name.replace(/^before-/, "")];
  const secret = (name) =>
    SECRET.has(name) || control(name)?.type === "password" || control(name)?.dataset?.secret !== undefined;
  return [...new FormData(form)].filter(([name, value]) => typeof value === "string" && !secret(name));
}

const typed = (pairs) => JSON.stringify(pairs.filter(([name]) => name !== "idempotency_key"));

function apply(form, pairs, withKey) {
  for (const control of form.elements) {
    const {name, type} = control;
    if (!name || SECRET.has(name) || (name === "idempotency_key" && !withKey)) continue;
    if (["password", "file", "submit", "button", "fieldset"].includes(type)) continue;
    const given = pairs.filter((pair) => pair[0] === name).map((pair) => pair[1]);
    if (type === "checkbox" || type === "radio") control.checked = given.includes(control.value);
    else if (given.length) control.value = given[0];
  }
  form.dispatchEvent(new Event("change", {bubbles: true}));
}

function keep(form, sent = false) {
  const pairs = values(form);
  const changed = typed(pairs) !== typed(first.get(form) ?? []);
  store(form.dataset.draft, changed || sent ? {at: Date.now(), sent, pairs} : null);
}

function greet(form) {
  const note = document.getElementById("draft-restored")?.content.firstElementChild.cloneNode(true);
  if (!note) return;
  form.prepend(note);
  note.querySelector("[data-discard]").addEventListener("click", () => {
    store(form.dataset.draft, null);
    apply(form, first.get(form), true);
    note.remove();
    form.querySelector("input:not([type=hidden]), textarea, select")?.focus();
  });
}

/* A draft that had been sent without an answer brings its key back, so that sending it again cannot make two.
   An answer that says what was wrong, or that filled in more, is newer than any draft: it holds what was typed. */
function restore(form) {
  if (first.has(form)) return;
  const answered = form.matches("[data-answered]") || form.querySelector("[role=alert]");
  first.set(form, answered ? [] : values(form));
  if (answered) return keep(form);
  const draft = load(form.dataset.draft);
  if (!draft || typed(draft.pairs) === typed(first.get(form))) return;
  apply(form, draft.pairs, draft.sent);
  greet(form);
}

function look(place) {
  for (const done of place.querySelectorAll("[data-draft-done]")) store(done.dataset.draftDone, null);
  for (const form of place.querySelectorAll("form[data-draft]")) restore(form);
}

/* The page after a plain submit tells whether it was saved: an error says so by its status, a sign-in page has no person. */
function arrived() {
  const key = sessionStorage.getItem("sent-draft");
  sessionStorage.removeItem("sent-draft");
  const status = performance.getEntriesByType("navigation")[0]?.responseStatus;
  const refused = status ? status >= 400 : document.querySelector(".error-summary, .error-code");
  if (key && root.dataset.person && !refused) store(key, null);
}

const draftOf = (event) => event.target.closest?.("form[data-draft]");

for (const name of ["input", "change"]) {
  document.addEventListener(name, (event) => {
    const form = draftOf(event) ?? event.target.form?.closest("form[data-draft]");
    if (!form) return;
    clearTimeout(timers.get(form));
    timers.set(form, setTimeout(() => form.isConnected && keep(form), WAIT));
  });
}

document.addEventListener("submit", (event) => {
  if (event.target.matches("[data-forget-drafts]")) {
    for (const name of Object.keys(localStorage)) if (name.startsWith(prefix)) localStorage.removeItem(name);
  }
  const form = draftOf(event);
  if (!form) return;
  clearTimeout(timers.get(form));
  keep(form, true);
  if (!event.defaultPrevented) sessionStorage.setItem("sent-draft", form.dataset.draft);
});

document.addEventListener("htmx:after:request", ({detail: {ctx}}) => {
  const form = ctx.sourceElement;
  if (!form.matches("form[data-draft]") || ctx.response.status >= 400) return;
  // leaving the page now keeps nothing
  first.set(form, values(form));
  store(form.dataset.draft, null);
});

addEventListener("pagehide", () => {
  for (const form of document.querySelectorAll("form[data-draft]:not([data-busy])")) keep(form);
});

document.addEventListener("htmx:after:settle", (event) => look(event.target.parentElement ?? document));
arrived();
look(document);
