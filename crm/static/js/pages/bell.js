/* The bell counts along while the page is looked at: one stream, closed when nobody looks. Where there are too many
   streams already the page is asked again every minute at most; without the script the bell says what it said first. */
const bell = document.querySelector("[data-bell]");
const PAUSE = 60_000;
let source;
let timer;

function listen() {
  clearTimeout(timer);
  if (document.hidden || source) return;
  source = new EventSource(bell.dataset.stream);
  source.onmessage = ({data}) => tell(...data.split("\n"));
  source.onerror = () => {
    if (source.readyState !== EventSource.CLOSED) return; // it comes back by itself
    rest();
    timer = setTimeout(listen, PAUSE);
  };
}

function rest() {
  clearTimeout(timer);
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
