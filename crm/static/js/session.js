/* An expired session signs in again in place, and what was being sent goes on. The server answers 401 with the sign-in
   form, then 204 with a new token in X-CSRF-Token, or 422 with the form again. */
let pending = [];
const dialog = () => document.getElementById("dialog");

function ask(html) {
  dialog().innerHTML = html;
  dialog().dataset.signIn = "";
  dialog().setAttribute("aria-label", dialog().querySelector("h1, h2")?.textContent ?? "");
  if (!dialog().open) dialog().showModal();
  dialog().querySelector("[autofocus], input:not([type=hidden])")?.focus();
}

function renew(token) {
  for (const input of document.querySelectorAll("input[name=csrf_token]")) input.value = token;
  document.body.setAttribute("hx-headers:inherited", JSON.stringify({"X-CSRFToken": token}));
}

document.addEventListener("htmx:after:request", (event) => {
  const {ctx} = event.detail;
  if (ctx.response.status !== 401) return;
  event.preventDefault();
  pending.push(ctx);
  // A second answer must not wipe what is being typed for the first.
  if (!dialog().matches("[data-sign-in]")) ask(ctx.text);
});

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.closest("dialog[data-sign-in]")) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const send = {method: "POST", body: new FormData(form), headers: {"HX-Request": "true"}, redirect: "manual"};
  const response = await fetch(form.action, send).catch(() => null);
  if (!response) return dispatchEvent(new Event("offline"));
  const token = response.headers.get("X-CSRF-Token");
  if (!response.ok || !token) return ask(await response.text());
  // Somebody else at this computer: nothing of the one before is sent in their name.
  if (response.headers.get("X-Person") !== document.documentElement.dataset.person) return location.reload();
  renew(token);
  dialog().close();
  const all = pending;
  pending = [];
  for (const detail of all) if (detail.sourceElement.isConnected) document.dispatchEvent(new CustomEvent("crm:resend", {detail}));
}, true);

document.addEventListener("close", (event) => {
  if (event.target !== dialog()) return;
  delete dialog().dataset.signIn;
  dialog().replaceChildren();
  pending = [];
}, true);
