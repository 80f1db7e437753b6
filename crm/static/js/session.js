/* An expired session signs in again in place, and what was being sent goes on. The server answers 401 with the address
   of the sign-in form; that and the form's own answer are the form (again), or 204 with a new token in X-CSRF-Token. */
let pending = [];
// how often this page has signed in again
let renewals = 0;
const HTMX = {"HX-Request": "true"};
const dialog = () => document.getElementById("dialog");
const send = (address, how) => fetch(address, {headers: HTMX, ...how}).catch(() => void dispatchEvent(new Event("offline")));

function ask(html) {
  dialog().innerHTML = html;
  dialog().setAttribute("aria-label", dialog().querySelector("h1, h2")?.textContent ?? "");
  if (!dialog().open) dialog().showModal();
  dialog().querySelector("[autofocus], input:not([type=hidden])")?.focus();
}

function renew(token) {
  for (const input of document.querySelectorAll("input[name=csrf_token]")) input.value = token;
  document.body.setAttribute("hx-headers:inherited", JSON.stringify({"X-CSRFToken": token}));
  renewals += 1;
}

const again = (ctx) => ctx.sourceElement.isConnected && document.dispatchEvent(new CustomEvent("crm:resend", {detail: ctx}));

function end() {
  const all = pending;
  pending = [];
  delete dialog().dataset.signIn;
  dialog().replaceChildren();
  return all;
}

async function take(response) {
  if (!response) return dialog().open || end().forEach(again);
  const token = response.headers.get("X-CSRF-Token");
  if (!token) return ask(await response.text());
  // Somebody else at this computer: nothing of the one before is sent in their name.
  if (response.headers.get("X-Person") !== document.documentElement.dataset.person) return location.reload();
  renew(token);
  const all = end();
  dialog().close();
  all.forEach(again);
}

document.addEventListener("htmx:before:request", ({detail: {ctx}}) => (ctx.renewals = renewals));

document.addEventListener("htmx:after:request", async (event) => {
  const {ctx} = event.detail;
  if (ctx.response.status !== 401) return;
  event.preventDefault();
  // Asked before the last sign-in and answered after it.
  if (ctx.renewals !== renewals) return again(ctx);
  pending.push(ctx);
  // A second answer must not wipe what is being typed for the first.
  if (dialog().matches("[data-sign-in]")) return;
  dialog().dataset.signIn = "";
  take(await send(ctx.text));
});

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.closest("dialog[data-sign-in]")) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  take(await send(form.action, {method: "POST", body: new FormData(form), redirect: "manual"}));
}, true);

document.addEventListener("close", (event) => event.target === dialog() && end(), true);
