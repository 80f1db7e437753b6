/* An expired session signs in again in place, and what was being sent goes on. The server answers 401 with the address
   of the sign-in form; that and the form's own answer are the form (again), or 204 with a new token in X-CSRFToken. */
let pending = [];
// what this page has signed in again with
let token;
// 1 while the form is fetched, 2 while it is shown: what is closed or sent before is another dialog
let asking = 0;
const dialog = () => document.getElementById("dialog");

function ask(html) {
  asking = 2;
  dialog().innerHTML = html;
  if (!dialog().open) dialog().showModal();
  dialog().querySelector("[autofocus]")?.focus();
}

const again = (detail) => document.dispatchEvent(new CustomEvent("crm:resend", {detail}));

function end() {
  asking = 0;
  dialog().close();
  dialog().replaceChildren();
  return pending.splice(0);
}

async function send(address, how) {
  const response = await fetch(address, {headers: {"HX-Request": "true"}, ...how}).catch(() => {});
  if (!response) return asking > 1 ? dispatchEvent(new Event("offline")) : end().forEach(again);
  const renewed = response.headers.get("X-CSRFToken");
  if (!renewed) return ask(await response.text());
  // Somebody else at this computer: nothing of the one before is sent in their name.
  if (response.headers.get("X-Person") !== document.documentElement.dataset.person) return location.reload();
  token = renewed;
  for (const input of document.querySelectorAll("input[name=csrf_token]")) input.value = token;
  document.body.setAttribute("hx-headers:inherited", JSON.stringify({"X-CSRFToken": token}));
  end().forEach(again);
}

document.addEventListener("htmx:after:request", (event) => {
  const {ctx} = event.detail;
  if (ctx.response.status !== 401) return;
  event.preventDefault();
  // asked before the last sign-in and answered after it
  if (token && ctx.request.headers["X-CSRFToken"] !== token) return again(ctx);
  pending.push(ctx);
  // A second answer must not wipe what is being typed for the first.
  if (asking) return;
  asking = 1;
  send(ctx.text);
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (asking < 2 || !form.closest("dialog")) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  send(form.action, {method: "POST", body: new FormData(form), redirect: "manual"});
}, true);

document.addEventListener("close", (event) => asking !== 1 && event.target === dialog() && end(), true);
