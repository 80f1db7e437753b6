/* The edge of a column's head sets its width, in steps that are classes: by dragging it, or by the arrow keys on it.
   The first change takes all columns as they are; what comes of it is kept for the person. */
const STEP = 60;
const MOST = 6;
const heads = (table) => [...table.tHead.rows[0].cells].filter((head) => head.dataset.field);
const kept = (head) => Number(head.className.match(/\bw-(\d+)/)?.[1]);
const stepOf = (head) => kept(head) || Math.min(MOST, Math.max(1, Math.round(head.offsetWidth / STEP)));
let drawn;
let timer;

function set(head, wanted) {
  const step = Math.min(MOST, Math.max(1, wanted));
  head.classList.remove(`w-${kept(head)}`);
  head.classList.add(`w-${step}`);
  head.querySelector("[role=separator]").ariaValueNow = step;
}

function change(head, step) {
  const table = head.closest("table");
  if (!table.matches(".sized")) {
    for (const [each, now] of heads(table).map((each) => [each, stepOf(each)])) set(each, now);
    table.classList.add("sized");
  }
  set(head, step);
  clearTimeout(timer);
  timer = setTimeout(() => {
    const widths = heads(table).map((each) => `${each.dataset.field}:${stepOf(each)}`).join();
    htmx.ajax("POST", table.dataset.widths, {target: table, swap: "none", values: {widths}});
  }, 400);
}

function dress() {
  for (const table of document.querySelectorAll("table[data-widths]")) {
    for (const head of heads(table)) {
      if (head.querySelector("[role=separator]")) continue;
      const edge = document.createElement("span");
      edge.role = "separator";
      edge.tabIndex = 0;
      edge.ariaLabel = `${table.dataset.width}: ${head.textContent.trim()}`;
      edge.ariaOrientation = "vertical";
      edge.ariaValueMin = 1;
      edge.ariaValueMax = MOST;
      edge.ariaValueNow = stepOf(head);
      head.append(edge);
    }
  }
}

const headOf = (event) => event.target.closest?.("table[data-widths] [role=separator]")?.closest("th");

document.addEventListener("pointerdown", (event) => {
  const head = headOf(event);
  if (!head) return;
  event.preventDefault();
  event.target.setPointerCapture(event.pointerId);
  drawn = {head, from: event.clientX, step: stepOf(head)};
});
document.addEventListener("pointermove", (event) => {
  if (!drawn) return;
  const step = drawn.step + Math.round((event.clientX - drawn.from) / STEP);
  if (step !== kept(drawn.head)) change(drawn.head, step);
});
for (const name of ["pointerup", "pointercancel"]) document.addEventListener(name, () => (drawn = null));

document.addEventListener("keydown", (event) => {
  const head = headOf(event);
  const side = {ArrowLeft: -1, ArrowRight: 1}[event.key];
  if (!head || !side) return;
  event.preventDefault();
  change(head, stepOf(head) + side);
});

document.addEventListener("htmx:after:settle", dress);
dress();
