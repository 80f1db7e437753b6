/* An error answer never replaces a part of the page: its message goes among the messages. Only 422 and 409 bring the
   part to be shown again, and 401 the sign-in form (session.js). */
const list = () => document.getElementById("messages");
const isMessage = (text) => /^\s*<div class="flash/.test(text);

function failed() {
  list()?.append(document.getElementById("failed").content.cloneNode(true));
}

document.addEventListener("htmx:after:request", ({detail: {ctx}}) => {
  const status = ctx.response.status;
  if (status < 400 || status === 401 || (!isMessage(ctx.text) && (status === 422 || status === 409))) return;
  ctx.push = ctx.replace = "false";
  if (isMessage(ctx.text)) {
    ctx.target = list();
    ctx.swap = "beforeend";
  } else {
    ctx.swap = "none";
    failed();
  }
});

document.addEventListener("click", (event) => {
  event.target.closest("[data-dismiss]")?.closest(".flash, .notice").remove();
});

// What went well before is old news once there is something new.
document.addEventListener("htmx:after:swap", () => {
  for (const old of document.querySelectorAll("#messages > .ok")) if (old.nextElementSibling) old.remove();
});
