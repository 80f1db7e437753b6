/* While a Chinese word is being composed its letters are nobody's business: look-ups, live searches and drafts
   hear of the text when it is finished. */
addEventListener("input", (event) => {
  if (event.isComposing) event.stopImmediatePropagation();
}, true);

addEventListener("compositionend", (event) => {
  event.target.dispatchEvent(new Event("input", {bubbles: true}));
}, true);
