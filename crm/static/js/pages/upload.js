/* Files: what was chosen is named, too large is said before sending, and a bar shows how far it is. When the link breaks
   the file stays chosen. Without the script it is a plain upload. */
const zone = (event) => event.target.closest?.("[data-drop]");

document.addEventListener("change", (event) => {
  const drop = zone(event);
  if (!drop || event.target.type !== "file") return;
  const file = event.target.files[0];
  const tooBig = file && Number(drop.dataset.max) > 0 && file.size > Number(drop.dataset.max);
  event.target.setCustomValidity(tooBig ? drop.dataset.tooBig : "");
  drop.toggleAttribute("data-bad", Boolean(tooBig));
  if (file) drop.querySelector("[data-chosen]").textContent = `${file.name} · ${size(file.size)}`;
  if (tooBig) event.target.reportValidity();
});

function size(bytes) {
  const unit = bytes < 1e6 ? ["kilobyte", 1e3] : ["megabyte", 1e6];
  const format = {style: "unit", unit: unit[0], maximumFractionDigits: 1};
  return new Intl.NumberFormat(document.documentElement.lang, format).format(bytes / unit[1]);
}

for (const [name, over] of [["dragover", true], ["dragleave", false], ["drop", false]])
  document.addEventListener(name, (event) => zone(event)?.toggleAttribute("data-over", over));

function send(form, submitter) {
  const sending = form.querySelector("[data-sending]");
  const lost = form.querySelector("[data-send-failed]");
  const request = new XMLHttpRequest();
  const body = new FormData(form);
  if (submitter?.name) body.append(submitter.name, submitter.value);
  request.upload.onprogress = ({loaded, total}) => {
    const percent = Math.floor((100 * loaded) / total);
    sending.querySelector("progress").value = percent;
    sending.querySelector("[data-percent]").textContent = percent;
  };
  request.onload = () => answer(form, request);
  request.onerror = () => {
    sending.hidden = true;
    lost.hidden = false;
    form.dispatchEvent(new Event("idle", {bubbles: true}));
  };
  sending.hidden = false;
  lost.hidden = true;
  request.open("POST", form.action);
  request.send(body);
}

/* Sent and moved on: go there. Refused: show the page that says why in the place of this one. */
function answer(form, request) {
  if (request.status < 400 && request.responseURL !== form.action) return location.assign(request.responseURL);
  const page = new DOMParser().parseFromString(request.responseText, "text/html");
  const main = page.querySelector("main");
  if (!main) return request.onerror();
  document.title = page.title;
  document.querySelector("main").replaceWith(main);
  htmx.process(main);
  main.querySelector("[autofocus]")?.focus();
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || !form.matches("[data-upload]")) return;
  event.preventDefault();
  send(form, event.submitter);
});
