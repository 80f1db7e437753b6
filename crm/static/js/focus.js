/* After a swap the focus is where a person expects it: htmx keeps it on the same id and follows [autofocus] (which the
   error summary has); if the focused thing is gone, the part that took its place gets it. */
let lost = false;

document.addEventListener("htmx:before:swap", ({detail: {tasks}}) => {
  lost = tasks.some(({target}) => target instanceof Element && target.contains(document.activeElement));
});

document.addEventListener("htmx:after:settle", (event) => {
  if (!lost || document.activeElement !== document.body) return;
  const place = event.detail.newContent?.find((node) => node.nodeType === 1 && node.isConnected) ?? event.target;
  if (!(place instanceof HTMLElement)) return;
  const goal = place.querySelector("[data-focus]") ?? place;
  if (goal.tabIndex < 0) goal.tabIndex = -1;
  goal.focus({preventScroll: true});
  lost = false;
});
