/* Cells of a list edited in place: by a double click or the pencil, or by e or Enter where the arrow keys have gone.
   What comes is the cell's form; Enter saves, Escape gives back what stood there, Tab saves and goes on. */
const pencil = document.createElement("button");
pencil.className = "cell-edit icon i-pencil";
pencil.type = "button";
pencil.tabIndex = -1;
// cell → what stood in it; cell → what its form said; cell → where to go once it is saved
const stood = new WeakMap();
const said = new WeakMap();
const onwards = new WeakMap();

const cellOf = (node) => node?.closest?.("table[data-cells] td");
const formIn = (cell) => cell.querySelector(".cell-form");
const words = (form) => new URLSearchParams(new FormData(form)).toString();
const headOf = (cell) => cell.closest("table").tHead.rows[0].cells[cell.cellIndex]?.dataset ?? {};
const fieldOf = (cell) => headOf(cell).field;
const editable = (cell) => cell && fieldOf(cell) && !("fixed" in headOf(cell) || "fixed" in cell.parentElement.dataset);
const stops = (place) => [...place.querySelectorAll("td")].filter(editable);

function focus(cell) {
  const goal = cell.querySelector(".row-link") ?? cell;
  if (goal === cell) cell.tabIndex = -1;
  goal.focus();
}

function restore(cell) {
  cell.replaceChildren(...stood.get(cell));
}

// A form that was refused has something to say; any other that says what it said when it came has not been touched.
const untouched = (cell) => !cell.querySelector(".error") && said.get(cell) === words(formIn(cell));

async function open(cell) {
  for (const form of cell.closest("table").querySelectorAll(".cell-form")) {
    const other = cellOf(form);
    if (other !== cell && untouched(other)) restore(other);
  }
  if (formIn(cell)) return;
  pencil.remove();
  const {cells, list} = cell.closest("table").dataset;
  const id = cell.parentElement.querySelector(".row-link").href.match(/\d+$/)[0];
  stood.set(cell, [...cell.childNodes]);
  await htmx.ajax("GET", `${cells}/${id}/${fieldOf(cell)}/edit?${new URLSearchParams({list})}`, {target: cell, swap: "innerHTML"});
}

function cancel(cell) {
  // after a clash what stood there is old
  if (formIn(cell).querySelector("[role=alert]")) return formIn(cell).querySelector("a.btn").click();
  restore(cell);
  focus(cell);
}

function goOn(cell, step) {
  const all = stops(cell.closest("tbody"));
  const next = all[all.indexOf(cell) + step];
  if (next) open(next);
  else focus(cell);
}

function inForm(event, cell) {
  const form = formIn(cell);
  const {key, target} = event;
  const lines = target.matches("textarea") && !event.ctrlKey;
  const fields = [...form.elements].filter((each) => each.type !== "hidden" && !each.matches("button, fieldset"));
  if (key === "Escape") cancel(cell);
  else if (key === "Enter" && !lines && !target.matches("a, button")) form.requestSubmit();
  else if (key === "Tab" && target === fields.at(event.shiftKey ? 0 : -1)) {
    const step = event.shiftKey ? -1 : 1;
    if (untouched(cell)) {
      restore(cell);
      goOn(cell, step);
    } else {
      onwards.set(cell, step);
      form.requestSubmit();
    }
  } else return;
  event.preventDefault();
}

/* Left and right from the row's link over what may be edited; up and down once a cell has been reached. */
function walk(event, cell) {
  const {key, target} = event;
  const row = cell.parentElement;
  const along = stops(row);
  const side = {ArrowLeft: -1, ArrowRight: 1}[key];
  const other = target === cell && {ArrowUp: row.previousElementSibling, ArrowDown: row.nextElementSibling}[key];
  const letter = key === "e" && document.documentElement.dataset.keys !== "off";
  if (side) {
    const next = along[along.indexOf(cell) + side];
    if (next) focus(next);
  } else if (other) focus(other.cells[cell.cellIndex]);
  else if ((letter || key === "F2" || (key === "Enter" && target === cell)) && editable(cell)) open(cell);
  else return;
  event.preventDefault();
}

document.addEventListener("keydown", (event) => {
  const cell = cellOf(event.target);
  if (!cell || event.defaultPrevented || event.isComposing || event.metaKey || event.altKey) return;
  if (event.target.closest(".cell-form")) inForm(event, cell);
  else if (!event.ctrlKey && event.target.matches("td, .row-link")) walk(event, cell);
});

document.addEventListener("dblclick", (event) => {
  const cell = cellOf(event.target);
  if (!editable(cell) || event.target.closest(".cell-form, a")) return;
  getSelection().removeAllRanges();
  open(cell);
});

document.addEventListener("mouseover", ({target}) => {
  const cell = cellOf(target);
  if (!editable(cell) || formIn(cell) || pencil.parentElement === cell) return;
  pencil.title = cell.closest("table").dataset.edit;
  cell.append(pencil);
});
pencil.addEventListener("click", () => open(pencil.parentElement));

document.addEventListener("htmx:after:settle", ({target}) => {
  const cell = cellOf(target);
  if (!cell) return;
  const form = formIn(cell);
  if (form) {
    if (!form.querySelector(".error")) said.set(cell, words(form));
    const first = form.querySelector("input:not([type=hidden]), textarea, select");
    first.focus();
    if (first.matches("[type=text], [type=tel], [type=email]")) first.select();
  } else if (onwards.has(cell)) goOn(cell, onwards.get(cell));
  else focus(cell);
  onwards.delete(cell);
});
