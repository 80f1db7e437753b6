/* When the link is gone the page says so quietly and sends again when it is back. A request sent twice happens once:
   the form's idempotency key goes with it both times. */
const FIRST = 3000;
const LONGEST = 30000;
const bar = () => document.getElementById("connection");
// element → how to send again
const waiting = new Map();
let delay = FIRST;
let timer;

function show() {
  const place = bar();
  if (!place) return;
  place.querySelector("[data-waiting]").hidden = !waiting.size;
  place.querySelector("[data-lost]").hidden = waiting.size > 0;
  place.hidden = false;
  clearTimeout(timer);
  timer = setTimeout(again, delay);
  delay = Math.min(delay * 1.7, LONGEST);
}

function hide() {
  clearTimeout(timer);
  delay = FIRST;
  if (bar()) bar().hidden = true;
}

async function reachable() {
  const style = document.querySelector("link[rel=stylesheet]").href;
  try {
    await fetch(style, {method: "HEAD", cache: "no-store"});
    return true;
  } catch {
    return false;
  }
}

async function again() {
  if (!(await reachable())) return show();
  const all = [...waiting.values()];
  waiting.clear();
  hide();
  for (const send of all) send();
}

function resend(ctx) {
  const {sourceElement: source, sourceEvent: event} = ctx;
  if (source.isConnected) htmx.ajax(ctx.request.method, ctx.request.action, {source, event});
}

function keep(element, send) {
  waiting.set(element, send);
  show();
}

// A plain form would leave for the browser's own error page.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (navigator.onLine || form.method === "dialog" || form.matches("[data-upload]")) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const submitter = event.submitter;
  keep(form, () => form.requestSubmit(submitter));
}, true);

document.addEventListener("htmx:error", ({detail: {ctx}}) => {
  // an answer came: not the link's fault
  if (!ctx || ctx.response || !ctx.request?.action) return;
  // comes again by itself
  if (ctx.sourceEvent?.type === "every") return show();
  keep(ctx.sourceElement, () => resend(ctx));
});

document.addEventListener("htmx:after:request", () => (waiting.size ? again() : hide()));
document.addEventListener("htmx:sse:error", ({detail}) => detail.status || show());
document.addEventListener("htmx:sse:after:connection", () => waiting.size || hide());
document.addEventListener("crm:resend", ({detail}) => resend(detail));
document.addEventListener("click", (event) => event.target.closest("[data-retry]") && again());
addEventListener("online", again);
addEventListener("offline", show);
