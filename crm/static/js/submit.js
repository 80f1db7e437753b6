/* A second tap while the first is on its way does nothing. The server would see through it anyway (idempotency key);
   this spares the wait. Other behaviours say "idle" on the form when it may be sent again. */
const LONGEST = 20000;
const changes = (form) => form.method === "post" || form.matches("[hx-post], [hx-put], [hx-patch], [hx-delete]");

function idle(form) {
  delete form.dataset.busy;
  for (const button of form.querySelectorAll("[data-busy]")) {
    delete button.dataset.busy;
    button.removeAttribute("aria-disabled");
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!changes(form)) return;
  if (form.dataset.busy) {
    event.preventDefault();
    event.stopImmediatePropagation();
    return;
  }
  form.dataset.busy = "yes";
  const button = event.submitter;
  if (button) {
    button.dataset.busy = "yes";
    button.setAttribute("aria-disabled", "true");
  }
  setTimeout(() => idle(form), LONGEST);
}, true);

const within = (event) => event.target.closest?.("form") ?? event.detail?.ctx?.request?.form;

document.addEventListener("idle", (event) => idle(event.target));
for (const name of ["htmx:finally:request", "htmx:error"]) {
  document.addEventListener(name, (event) => {
    const form = within(event);
    if (form) idle(form);
  });
}
addEventListener("pageshow", () => document.querySelectorAll("form[data-busy]").forEach(idle));
