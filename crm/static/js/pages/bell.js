/* The bell counts along while the page is looked at: one stream, closed when nobody looks. Where there are too many
   streams already the browser asks again now and then; without the script the bell says what it said first. */
const bell = document.querySelector("[data-bell]");
let source;

function listen() {
  if (document.hidden || source) return;
  source = new EventSource(`${bell.href}stream`);
  source.onmessage = ({data}) => tell(...data.split("\n"));
}

function rest() {
  source?.close();
  source = undefined;
}

function tell(count, words) {
  bell.setAttribute("aria-label", words);
  bell.querySelector(".count")?.remove();
  if (!count) return;
  const shown = document.createElement("span");
  shown.className = "count";
  shown.ariaHidden = "true";
  shown.textContent = count;
  bell.append(shown);
}

document.addEventListener("visibilitychange", () => (document.hidden ? rest() : listen()));
addEventListener("pagehide", rest);
addEventListener("pageshow", ({persisted}) => persisted && listen());
listen();
